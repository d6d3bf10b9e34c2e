import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const afterCalls = 16;
const afterIdleMs = 1_000;

let calls = 0;
let idle: NodeJS.Timeout | undefined;

/**
 * Says that a call is over. V8 collects when its heap wants to grow, which lets a process that is asked now and then keep the
 * models of a hundred calls: so it is told to after a number of calls (some 30 ms), and when nobody asks.
 */
export function collectAfter(): void {
  clearTimeout(idle);
  idle = setTimeout(collect, afterIdleMs).unref();
  if (++calls >= afterCalls) collect();
}

function collect(): void {
  clearTimeout(idle);
  calls = 0;
  collectGarbage();
}
