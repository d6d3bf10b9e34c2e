/** Checks what crosses the channel between the editor and its helper process, in both directions. */
import { isBoolean, isNumber, isObject, isText, oneOf, optional, type Check } from './checks.js';
import { techniques } from './events.js';
import { tasks } from './tasks.js';
import type { ServiceMessage, ServiceMethod, ServiceMethods, ServiceReply } from './service.js';

/** Whole numbers from 1 on. */
const isId: Check<number> = (value): value is number => Number.isSafeInteger(value) && Number(value) > 0;
const isFiles: Check<readonly string[]> = (value): value is readonly string[] =>
  Array.isArray(value) && value.length <= 100_000 && value.every(isText);
const isSide: Check<number> = (value): value is number => isId(value) && value <= 4_096;

/** Each field of each request. The type makes sure that none is forgotten. */
const requests: {
  readonly [Method in ServiceMethod]: {
    readonly [Field in keyof ServiceMethods[Method]['request']]-?: Check<ServiceMethods[Method]['request'][Field]>;
  };
} = {
  summarizeData: { folder: isText },
  listBases: { workspace: optional(isText) },
  describeBase: { base: isText },
  scriptText: {
    technique: oneOf(techniques),
    data: isText,
    task: optional(oneOf(tasks)),
    base: isText,
    freezeUpTo: optional(isText),
    preprocessing: optional(isText),
    size: optional(isText),
    workspace: isText,
    folder: optional(isText),
  },
  describeModel: { file: isText },
  predict: { model: isText, files: isFiles, thumbnails: optional(isSide) },
  thumbnails: { files: isFiles, side: isSide, whole: optional(isBoolean) },
  evaluate: { model: isText, data: isText },
  exportModel: { model: isText, to: oneOf(['onnx', 'tfjs']), out: optional(isText), force: optional(isBoolean) },
  checkEnvironment: { folder: isText },
};

/** What was wrong with a message, and the call that waits for an answer to it, where it names one. */
interface Refused {
  readonly type: 'refused';
  readonly id: number | undefined;
  readonly reason: string;
}

/** The message to the helper process, or why it is none. */
export function checkServiceMessage(value: unknown): ServiceMessage | Refused {
  const { type, id, method, request } = isObject(value) ? value : {};
  const refused = (reason: string): Refused => ({ type: 'refused', id: isId(id) ? id : undefined, reason });
  if (!isId(id)) return refused('A message to the helper process has no number.');
  if (type === 'cancel') return { type, id };
  if (type !== 'call') return refused('A message to the helper process is neither a call nor its end.');
  if (typeof method !== 'string' || !Object.hasOwn(requests, method))
    return refused(`The helper process has no method ${String(method).slice(0, 100)}.`);
  const checks: Readonly<Record<string, (field: unknown) => boolean>> = requests[method as ServiceMethod];
  if (!isObject(request) || Array.isArray(request)) return refused(`${method} was asked for nothing.`);
  const wrong =
    Object.keys(request).find((name) => !Object.hasOwn(checks, name)) ??
    Object.entries(checks).find(([name, check]) => !check(request[name]))?.[0];
  if (wrong !== undefined) return refused(`${method} was asked with a wrong "${wrong.slice(0, 100)}".`);
  return value as ServiceMessage;
}

/** The reply, or undefined where it is none. A result is of the type that its method says: both ends are one build. */
export function checkServiceReply(value: unknown): ServiceReply | undefined {
  if (!isObject(value)) return undefined;
  const { type, id, protocol, message, action } = value;
  const right =
    type === 'ready'
      ? isNumber(protocol)
      : type === 'started' || type === 'result'
        ? isId(id)
        : type === 'error' &&
          isId(id) &&
          typeof message === 'string' &&
          (action === undefined || typeof action === 'string');
  return right ? (value as ServiceReply) : undefined;
}
