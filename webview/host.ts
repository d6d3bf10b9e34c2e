import { panelVersion, type HostMessage, type WebviewMessage } from '../src/protocol/index.js';

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

export const loadState = (): unknown => api.getState();

/** What is saved stays until something else is saved under the same name. */
export function saveState(part: Readonly<Record<string, unknown>>): void {
  const old = api.getState();
  api.setState({ ...(typeof old === 'object' ? old : {}), ...part });
}

/** Only the host can post into a webview, so its messages are trusted once their version is. */
export function listen(onMessage: (message: HostMessage) => void, onOtherVersion: () => void): void {
  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== 'object' || data === null || !('type' in data)) return;
    const message = data as HostMessage;
    if (message.type === 'hello' && message.version !== panelVersion) onOtherVersion();
    else onMessage(message);
  });
}
