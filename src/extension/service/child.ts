import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import * as vscode from 'vscode';

import { checkServiceReply, protocolVersion, type ServiceMessage, type ServiceReply } from '../../protocol/index.js';
import { GraftError, messageOf } from '../../common/errors.js';
import { computingEnvironment } from '../../runs/process/environment.js';
import { checkNodePath } from '../node.js';
import type { Call } from './call.js';

export interface ServiceLaunch {
  readonly program: string;
  readonly node: () => { readonly path: string; readonly environment: Readonly<Record<string, string>> };
  readonly log: Pick<vscode.LogOutputChannel, 'info' | 'warn'>;
  /** How long a child without work is kept. */
  readonly idleMs?: number;
  readonly startMs?: number;
  /** How long a cancelled call has to clean up after itself. */
  readonly graceMs?: number;
}

/** No call can be answered, whatever was asked. */
export class ServiceStartError extends GraftError {}

/**
 * A helper process, which works on one call at a time. What cannot be interrupted, native code and endless loops, ends with the
 * process.
 */
export class ServiceChild {
  #process: ChildProcess | undefined;
  #call: Call | undefined;
  #begun = false;
  #ending = false;
  #since = 0;
  #limit: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;

  /**
   * @param onFree it has nothing to do.
   * @param onGone it has ended; `unbegun` is a call that it was given and did not begin.
   */
  constructor(
    private readonly launch: ServiceLaunch,
    private readonly onFree: (child: ServiceChild) => void,
    private readonly onGone: (child: ServiceChild, unbegun: Call | undefined) => void,
  ) {}

  get isIdle(): boolean {
    return this.#process !== undefined && this.#call === undefined && !this.#ending;
  }

  /** Milliseconds that it has worked on its call; endless for one that is known to go on. 0 where there is none. */
  get busyMs(): number {
    if (this.#call === undefined) return 0;
    return this.#call.limit.long || this.#call.settled ? Infinity : Date.now() - this.#since;
  }

  get isLong(): boolean {
    return this.#call?.limit.long ?? false;
  }

  /** @throws ServiceStartError. */
  async start(): Promise<void> {
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
      await handshake(child, this.launch.startMs ?? 30_000);
    } catch (error) {
      child.kill('SIGKILL');
      const message = vscode.l10n.t("Graft's helper process could not start with {0}.", node);
      throw new ServiceStartError(`${message} ${messageOf(error)}`, { action: checkNodePath(), cause: error });
    }
    child.on('message', (message) => {
      this.#receive(checkServiceReply(message));
    });
    // What is wrong with its channel comes out when it ends.
    child.on('error', () => undefined);
    child.once('exit', (code, signal) => {
      this.#gone(code, signal);
    });
    this.#process = child;
    if (child.exitCode !== null || child.signalCode !== null) this.#gone(child.exitCode, child.signalCode);
  }

  give(call: Call): void {
    const { id, method, request, limit } = call;
    [this.#call, this.#begun, this.#since] = [call, false, Date.now()];
    this.#limit = setTimeout(() => {
      const message = vscode.l10n.t(
        "Graft's helper process gave no answer within {0} s, so it was ended.",
        limit.ms / 1000,
      );
      call.reject(
        new GraftError(message, { action: vscode.l10n.t('Check the file, or try again; the log has details.') }),
      );
      this.abandon(call);
    }, limit.ms).unref();
    this.#send({ type: 'call', id, method, request } as ServiceMessage);
  }

  /** Nobody waits for this call any more: it may clean up for a moment, then the process ends with it. */
  abandon(call: Call): void {
    if (this.#call !== call) return;
    this.#send({ type: 'cancel', id: call.id });
    this.#grace ??= setTimeout(() => {
      this.end();
    }, this.launch.graceMs ?? 2_000).unref();
  }

  end(reason?: Error): void {
    if (reason !== undefined) this.#call?.reject(reason);
    this.#ending = true;
    this.#process?.kill('SIGKILL');
  }

  has(call: Call): boolean {
    return this.#call === call;
  }

  #send(message: ServiceMessage): void {
    // A channel that is closed already belongs to a process that is about to be gone.
    this.#process?.send(message, () => undefined);
  }

  #receive(reply: ServiceReply | undefined): void {
    const call = this.#call;
    if (reply === undefined || reply.type === 'ready' || reply.id !== call?.id) {
      this.launch.log.warn(`service: a message that answers nothing`);
      return;
    }
    if (reply.type === 'started') {
      this.#begun = true;
      return;
    }
    this.#release();
    if (reply.type === 'result') call.resolve(reply.result);
    else if (reply.action === undefined) call.reject(new Error(reply.message));
    else call.reject(new GraftError(reply.message, { action: reply.action }));
    this.onFree(this);
  }

  #gone(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#process === undefined) return;
    this.#process = undefined;
    const call = this.#call;
    const unbegun = call !== undefined && !this.#begun && !call.settled && !call.retried ? call : undefined;
    this.#release();
    if (unbegun === undefined)
      call?.reject(new GraftError(endOf(code, signal), { action: vscode.l10n.t('Try again; the log has details.') }));
    this.onGone(this, unbegun);
  }

  #release(): void {
    clearTimeout(this.#limit);
    clearTimeout(this.#grace);
    [this.#call, this.#limit, this.#grace] = [undefined, undefined, undefined];
  }
}

async function handshake(child: ChildProcess, startMs: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(vscode.l10n.t('It said nothing for {0} s.', startMs / 1000)));
    }, startMs).unref();
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(endOf(code, signal)));
    });
    child.once('message', (message) => {
      clearTimeout(timer);
      const reply = checkServiceReply(message);
      if (reply?.type === 'ready' && reply.protocol === protocolVersion) resolve();
      else reject(new Error(vscode.l10n.t('It does not speak protocol {0}.', protocolVersion)));
    });
  });
}

function endOf(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === null) return vscode.l10n.t("Graft's helper process ended with code {0}.", code ?? '?');
  const killed = vscode.l10n.t("Graft's helper process was killed ({0}).", signal);
  // What systems do to a process that takes too much, and V8 to itself.
  return signal === 'SIGKILL' || signal === 'SIGABRT'
    ? `${killed} ${vscode.l10n.t('The memory may not have been enough.')}`
    : killed;
}
