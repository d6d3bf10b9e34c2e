import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import * as vscode from 'vscode';

import { protocolVersion, type ServiceMethod, type ServiceMethods, type ServiceReply } from '../protocol/index.js';
import { GraftError, messageOf } from '../runtime/errors.js';
import { computingEnvironment } from '../runtime/process/launch.js';
import { checkNodePath } from './node.js';
import type { Service } from './services.js';

export interface ServiceLaunch {
  readonly program: string;
  readonly node: () => { readonly path: string; readonly environment: Readonly<Record<string, string>> };
  readonly log: Pick<vscode.LogOutputChannel, 'info' | 'warn'>;
  readonly idleMs?: number;
  readonly startMs?: number;
}

/** No call can be answered, whatever was asked. */
export class ServiceStartError extends GraftError {}

interface Pending {
  readonly child: ChildProcess;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The service's client. Each call settles: with the answer, the error, or the end of the child. */
export class ServiceClient implements Service, vscode.Disposable {
  #child: Promise<ChildProcess> | undefined;
  #running: ChildProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  #nextId = 1;
  readonly #pending = new Map<number, Pending>();

  constructor(private readonly launch: ServiceLaunch) {}

  async call<Method extends ServiceMethod>(
    method: Method,
    request: ServiceMethods[Method]['request'],
    cancellation?: vscode.CancellationToken,
  ): Promise<ServiceMethods[Method]['reply']> {
    clearTimeout(this.#idle);
    const child = await (this.#child ??= this.#start());
    const id = this.#nextId++;
    const listeners: vscode.Disposable[] = [];
    try {
      return await new Promise<ServiceMethods[Method]['reply']>((resolve, reject) => {
        // The two ends are one build: a result has the type that the method's name says.
        const settle = (value: unknown) => {
          resolve(value as ServiceMethods[Method]['reply']);
        };
        this.#pending.set(id, { child, resolve: settle, reject });
        if (cancellation !== undefined) {
          listeners.push(
            cancellation.onCancellationRequested(() => {
              reject(new vscode.CancellationError());
              // Native code cannot be interrupted; the next call starts another child.
              if (this.#pending.size === 1) this.#end();
            }),
          );
        }
        child.send({ id, method, request }, (error) => {
          if (error !== null) reject(error);
        });
      });
    } finally {
      this.#pending.delete(id);
      for (const listener of listeners) listener.dispose();
      if (this.#pending.size === 0)
        this.#idle = setTimeout(() => {
          this.#end();
        }, this.launch.idleMs ?? 120_000).unref();
    }
  }

  dispose(): void {
    clearTimeout(this.#idle);
    this.#end();
  }

  #end(): void {
    void this.#child?.then((child) => child.kill()).catch(() => undefined);
    this.#child = undefined;
    this.#running = undefined;
  }

  async #start(): Promise<ChildProcess> {
    const { path: node, environment } = this.launch.node();
    const child = spawn(node, ['--enable-source-maps', this.launch.program], {
      env: computingEnvironment(environment),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      windowsHide: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null)
        createInterface({ input: stream }).on('line', (line) => {
          this.launch.log.info(`service: ${line}`);
        });
    }
    try {
      await this.#handshake(child);
    } catch (error) {
      this.#child = undefined;
      child.kill();
      const message = vscode.l10n.t("Graft's helper process could not start with {0}.", node);
      throw new ServiceStartError(`${message} ${messageOf(error)}`, { action: checkNodePath(), cause: error });
    }
    child.on('message', (message) => {
      this.#receive(message as ServiceReply);
    });
    child.once('exit', (code, signal) => {
      // Another one may have taken its place already.
      if (this.#running === child) this.#child = undefined;
      const error = new GraftError(endOf(code, signal), { action: vscode.l10n.t('Try again; the log has details.') });
      for (const pending of this.#pending.values()) if (pending.child === child) pending.reject(error);
    });
    this.#running = child;
    return child;
  }

  async #handshake(child: ChildProcess): Promise<void> {
    const { startMs = 30_000 } = this.launch;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(vscode.l10n.t('It said nothing for {0} s.', startMs / 1000)));
      }, startMs).unref();
      child.once('error', (error) => {
        reject(error);
      });
      child.once('exit', (code, signal) => {
        reject(new Error(endOf(code, signal)));
      });
      child.once('message', (message) => {
        clearTimeout(timer);
        const reply = message as ServiceReply;
        if (reply.type === 'ready' && reply.protocol === protocolVersion) resolve();
        else reject(new Error(vscode.l10n.t('It does not speak protocol {0}.', protocolVersion)));
      });
    });
  }

  #receive(reply: ServiceReply): void {
    if (reply.type === 'ready') return;
    const pending = this.#pending.get(reply.id);
    if (reply.type === 'result') pending?.resolve(reply.result);
    else if (reply.action === undefined) pending?.reject(new Error(reply.message));
    else pending?.reject(new GraftError(reply.message, { action: reply.action }));
  }
}

function endOf(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null
    ? vscode.l10n.t("Graft's helper process ended with code {0}.", code ?? '?')
    : vscode.l10n.t("Graft's helper process was killed ({0}).", signal);
}
