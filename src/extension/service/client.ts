import * as vscode from 'vscode';

import type { ServiceMethod, ServiceMethods } from '../../protocol/index.js';
import { Call } from './call.js';
import { ServiceChild, type ServiceLaunch } from './child.js';
import { limitOf } from './limits.js';
import type { Service } from '../interfaces.js';

export { ServiceStartError } from './child.js';

/** A call that has taken this long may be one that hangs: those behind it get another child. */
const patienceMs = 1_000;
const mostChildren = 4;
/** The rest is for calls that somebody looks at the screen for. */
const mostLong = 2;

/**
 * The service's client: a few children, started when they are needed, each with one call at a time. Usually there is one; a call
 * that finds it at something long gets another. Each call settles: with the answer, an error, its time limit, or the end of its
 * child.
 */
export class ServiceClient implements Service, vscode.Disposable {
  readonly #children = new Set<ServiceChild>();
  readonly #waiting: Call[] = [];
  readonly #idle = new Map<ServiceChild, NodeJS.Timeout>();
  #starting: ServiceChild | undefined;
  #patience: NodeJS.Timeout | undefined;
  #disposed = false;
  #nextId = 1;

  /** `limit`: for tests; default what `limits.ts` says. */
  constructor(
    private readonly launch: ServiceLaunch,
    private readonly limit: typeof limitOf = limitOf,
  ) {}

  async call<Method extends ServiceMethod>(
    method: Method,
    request: ServiceMethods[Method]['request'],
    cancellation?: vscode.CancellationToken,
  ): Promise<ServiceMethods[Method]['reply']> {
    if (this.#disposed || cancellation?.isCancellationRequested === true) throw new vscode.CancellationError();
    const call = new Call(this.#nextId++, method, request, this.limit(method, request));
    const listener = cancellation?.onCancellationRequested(() => {
      this.#cancel(call);
    });
    this.#waiting.push(call);
    this.#dispatch();
    try {
      // The two ends are one build: a result has the type that the method's name says.
      return (await call.answer) as ServiceMethods[Method]['reply'];
    } finally {
      listener?.dispose();
    }
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#patience);
    for (const call of this.#waiting.splice(0)) call.reject(new vscode.CancellationError());
    for (const child of this.#children) child.end(new vscode.CancellationError());
  }

  #cancel(call: Call): void {
    call.reject(new vscode.CancellationError());
    const at = this.#waiting.indexOf(call);
    if (at !== -1) this.#waiting.splice(at, 1);
    for (const child of this.#children) if (child.has(call)) child.abandon(call);
    this.#dispatch();
  }

  /** Gives those that wait to children that are free, and starts another child where all are at something long. */
  #dispatch(): void {
    clearTimeout(this.#patience);
    for (let call = this.#next(); call !== undefined; call = this.#next()) {
      const child = [...this.#children].find(({ isIdle }) => isIdle);
      if (child === undefined) {
        this.#startOrWait();
        return;
      }
      this.#waiting.splice(this.#waiting.indexOf(call), 1);
      this.#keep(child);
      child.give(call);
    }
  }

  #next(): Call | undefined {
    const long = [...this.#children].filter(({ isLong }) => isLong).length;
    return this.#waiting.find(({ limit }) => !limit.long || long < mostLong);
  }

  #startOrWait(): void {
    if (this.#starting !== undefined || this.#children.size >= mostChildren) return;
    const patience = Math.max(0, ...[...this.#children].map(({ busyMs }) => patienceMs - busyMs));
    if (patience === 0) void this.#start();
    else
      this.#patience = setTimeout(() => {
        this.#dispatch();
      }, patience).unref();
  }

  async #start(): Promise<void> {
    const child = new ServiceChild(
      this.launch,
      () => {
        this.#free(child);
      },
      (gone, unbegun) => {
        this.#forget(gone, unbegun);
      },
    );
    this.#starting = child;
    this.#children.add(child);
    try {
      await child.start();
      this.#starting = undefined;
      if (this.#disposed) child.end();
      else this.#free(child);
    } catch (error) {
      this.#starting = undefined;
      this.#children.delete(child);
      for (const call of this.#waiting.splice(0)) call.reject(error);
    }
  }

  #free(child: ServiceChild): void {
    this.#dispatch();
    if (!child.isIdle) return;
    // One is enough for those who come later.
    for (const spare of this.#idle.keys()) if (spare !== child) spare.end();
    const timer = setTimeout(() => {
      child.end();
    }, this.launch.idleMs ?? 120_000).unref();
    this.#idle.set(child, timer);
  }

  #keep(child: ServiceChild): void {
    clearTimeout(this.#idle.get(child));
    this.#idle.delete(child);
  }

  #forget(child: ServiceChild, unbegun: Call | undefined): void {
    this.#keep(child);
    this.#children.delete(child);
    if (unbegun !== undefined && !this.#disposed) {
      unbegun.retried = true;
      this.#waiting.unshift(unbegun);
    } else unbegun?.reject(new vscode.CancellationError());
    this.#dispatch();
  }
}
