// How long the steps of the suites take, and what they wait for meanwhile.
import { AsyncLocalStorage } from 'node:async_hooks';

const second = 1_000;
/** The waits of the step that goes on. Within one of them there is none: what it waits for is a part of it. */
const current = new AsyncLocalStorage();

/** Runs a step; what it waited for is in the `waits` that it is given, also where it fails. */
export async function timeStep(waits, work) {
  return await current.run(waits, work);
}

/** Notes for the step that goes on how long this takes. */
export async function timeWait(what, work) {
  const waits = current.getStore();
  if (waits === undefined) return await work();
  const wait = { what: what.slice(0, 160), started: Date.now(), ms: undefined };
  waits.push(wait);
  try {
    return await current.run(undefined, work);
  } finally {
    wait.ms = Date.now() - wait.started;
  }
}

/** Waits that took noticeable time, longest first. */
export function longest(waits) {
  return waits
    .map(({ what, started, ms }) => ({ what, ms: ms ?? Date.now() - started }))
    .filter(({ ms }) => ms >= second / 2)
    .sort((a, b) => b.ms - a.ms);
}

const waiting = ['waitFor', 'click', 'dblclick', 'fill', 'hover', 'innerText', 'getAttribute', 'selectOption'];
const noted = new WeakSet();

/** Lets all that a page's locators wait for be noted, under the words that Playwright has for it. */
export function noteWaits(page) {
  const prototype = Object.getPrototypeOf(page.locator('body'));
  if (noted.has(prototype)) return;
  noted.add(prototype);
  for (const name of waiting) {
    const own = prototype[name];
    prototype[name] = async function (...values) {
      return await timeWait(`${name} ${String(this)}`, () => own.apply(this, values));
    };
  }
}

/** The slowest steps of some rounds of suites; each round has the `steps` of a suite: `{ suite, title, ms, waits }`. */
export function slowest(steps, count = 10) {
  const byTitle = new Map();
  for (const step of steps) {
    const key = `${step.suite}: ${step.title}`;
    byTitle.set(key, [...(byTitle.get(key) ?? []), step]);
  }
  return [...byTitle]
    .map(([title, all]) => ({ title, all: all.sort((a, b) => a.ms - b.ms) }))
    .sort((a, b) => b.all.at(-1).ms - a.all.at(-1).ms)
    .slice(0, count)
    .map(({ title, all }) => {
      const [least, middle, most] = [all[0], all[(all.length - 1) >> 1], all.at(-1)].map(({ ms }) => seconds(ms));
      const times = all.length === 1 ? most : `${least} to ${most}, mostly ${middle}`;
      const waits = all.at(-1).waits.slice(0, 3);
      return [`  ${times} s  ${title}`, ...waits.map(({ what, ms }) => `      ${seconds(ms)} s  ${what}`)].join('\n');
    })
    .join('\n');
}

export function seconds(ms) {
  return (ms / second).toFixed(1);
}
