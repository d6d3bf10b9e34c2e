import {
  panelVersion,
  type Answer,
  type HostMessage,
  type PanelQuestion,
  type PanelReply,
  type WebviewMessage,
} from '../src/protocol/index.js';

interface VsCodeApi {
  postMessage(message: WebviewMessage): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();

export function send(message: WebviewMessage): void {
  api.postMessage(message);
}

const waiting = new Map<number, (answer: Answer<unknown>) => void>();
let tickets = 0;

/**
 * Asks the host for something. It settles in any case: with what was asked for, or with why there is nothing: the host always answers, and
 * a page that goes away waits for nothing more.
 */
export async function ask<Question extends PanelQuestion>(
  question: Question,
  words: Omit<Extract<WebviewMessage, { type: Question }>, 'type' | 'ticket'>,
): Promise<Answer<PanelReply<Question>>> {
  const ticket = ++tickets;
  const answer = await new Promise<Answer<unknown>>((resolve) => {
    waiting.set(ticket, resolve);
    send({ ...words, type: question, ticket } as unknown as WebviewMessage);
  });
  // Only the host can post here, and it says what the protocol has for this question.
  return answer as Answer<PanelReply<Question>>;
}

function settle(ticket: number, answer: Answer<unknown>): void {
  waiting.get(ticket)?.(answer);
  waiting.delete(ticket);
}

window.addEventListener('pagehide', () => {
  for (const ticket of [...waiting.keys()]) settle(ticket, { ok: false, message: '' });
});

export const loadState = (): unknown => api.getState();

/** What is saved stays until something else is saved under the same name. */
export function saveState(part: Readonly<Record<string, unknown>>): void {
  const old = api.getState();
  api.setState({ ...(typeof old === 'object' ? old : {}), ...part });
}

const [againAfter, lateAfter] = [3_000, 15_000];
let heard: () => void = () => undefined;

/** Says that the page is there, until the host answers; `onLate` is told where that takes long, and when it is over. */
export function greet(
  ready: Extract<WebviewMessage, { type: 'ready' }>,
  onLate: (isLate: boolean) => void,
): () => void {
  send(ready);
  const again = setInterval(() => {
    send(ready);
  }, againAfter);
  const late = setTimeout(onLate, lateAfter, true);
  const end = () => {
    clearInterval(again);
    clearTimeout(late);
  };
  heard = () => {
    end();
    onLate(false);
  };
  return end;
}

/** What the host says without having been asked. */
export type ToldMessage = Exclude<HostMessage, { type: 'answer' }>;

/** Only the host can post into a webview, so its messages are trusted once their version is. */
export function listen(onMessage: (message: ToldMessage) => void, onOtherVersion: () => void): void {
  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== 'object' || data === null || !('type' in data)) return;
    const message = data as HostMessage;
    if (message.type === 'hello') heard();
    if (message.type === 'answer') settle(message.ticket, message.answer);
    else if (message.type === 'hello' && message.version !== panelVersion) onOtherVersion();
    else onMessage(message);
  });
}
