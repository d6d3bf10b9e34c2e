import type { ServiceMethod } from '../../protocol/index.js';
import type { Limit } from './limits.js';

/** One call, from the moment that it is made until it settles. */
export class Call {
  readonly answer: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  settled = false;
  /** Whether a child has ended before it began with it, which happens to one that was ending when it was asked. */
  retried = false;

  constructor(
    readonly id: number,
    readonly method: ServiceMethod,
    readonly request: unknown,
    readonly limit: Limit,
  ) {
    const { promise, resolve, reject } = withResolvers();
    this.answer = promise;
    this.resolve = (value) => {
      this.settled = true;
      resolve(value);
    };
    this.reject = (error) => {
      this.settled = true;
      reject(error);
    };
  }
}

/** `Promise.withResolvers` of Node 22. */
function withResolvers() {
  let [resolve, reject]: ((value: unknown) => void)[] = [];
  const promise = new Promise<unknown>((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve: (value: unknown) => resolve?.(value), reject: (error: unknown) => reject?.(error) };
}
