import { isBoolean, isNumber, isObject, isText, oneOf } from './checks.js';

const controlRequests = ['stop', 'pause', 'continue', 'checkpoint'] as const;

/** What a window or the command line may ask of a training process, one JSON object a line over its control socket. */
export type ControlRequest = {
  readonly id: number;
  /** From run.json: a request meant for another process is refused. */
  readonly nonce: string;
  readonly type: (typeof controlRequests)[number];
};

export type ControlReply =
  { readonly id: number; readonly ok: true } | { readonly id: number; readonly ok: false; readonly message: string };

export function parseControlRequest(line: string): ControlRequest | undefined {
  const value = parse(line);
  if (!isObject(value)) return undefined;
  const { id, nonce, type } = value;
  return isNumber(id) && isText(nonce) && oneOf(controlRequests)(type) ? { id, nonce, type } : undefined;
}

export function parseControlReply(line: string): ControlReply | undefined {
  const value = parse(line);
  if (!isObject(value)) return undefined;
  const { id, ok, message } = value;
  if (!isNumber(id) || !isBoolean(ok)) return undefined;
  if (ok) return { id, ok };
  return isText(message) ? { id, ok, message } : undefined;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
