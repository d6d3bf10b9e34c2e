import type { ServiceMethod, ServiceMethods } from '../../protocol/index.js';

export interface Limit {
  /** How long a call may take. */
  readonly ms: number;
  /** It goes on for as long as its data want, with a button to cancel it: nobody waits behind it, not even for a moment. */
  readonly long: boolean;
}

const second = 1_000;
const minute = 60 * second;

/** Slow machines and disks are allowed for: who waits longer than this waits for nothing. */
const limits: { readonly [Method in ServiceMethod]: (request: ServiceMethods[Method]['request']) => Limit } = {
  summarizeData: () => ({ ms: 2 * minute, long: false }),
  listBases: () => ({ ms: minute, long: false }),
  describeBase: () => ({ ms: minute, long: false }),
  scriptText: () => ({ ms: minute, long: false }),
  describeModel: () => ({ ms: minute, long: false }),
  predict: ({ files }) => ({ ms: minute + files.length * 10 * second, long: false }),
  thumbnails: ({ files }) => ({ ms: minute + files.length * 10 * second, long: false }),
  evaluate: () => ({ ms: 12 * 60 * minute, long: true }),
  exportModel: () => ({ ms: 30 * minute, long: true }),
  checkEnvironment: () => ({ ms: 5 * minute, long: true }),
};

export function limitOf<Method extends ServiceMethod>(
  method: Method,
  request: ServiceMethods[Method]['request'],
): Limit {
  return limits[method](request);
}
