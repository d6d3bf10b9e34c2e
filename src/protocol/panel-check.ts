/** Checks what arrives from the webview: anything that is not exactly one of its messages is refused. */
import {
  isArrayOf,
  isBoolean,
  isNumber,
  isObject,
  isText,
  isTextOf,
  oneOf,
  optional,
  wrongField,
  type Check,
} from './checks.js';
import { techniques } from './events.js';
import { tasks } from './tasks.js';
import {
  longestContent,
  panelCommands,
  type DroppedPicture,
  type FormChoice,
  type PanelControl,
  type PanelView,
  type WebviewMessage,
} from './panel.js';

const controls: readonly PanelControl[] = ['stop', 'pause', 'continue', 'checkpoint', 'resume'];

/** A run's id is also the name of its folder: nothing else may be in it. */
const isRunId: Check<string> = (value): value is string =>
  typeof value === 'string' && /^[\w.-]{1,120}$/.test(value) && !value.startsWith('.');

export const isPanelView: Check<PanelView> = (value): value is PanelView => {
  if (!isObject(value)) return false;
  switch (value['kind']) {
    case 'run':
      return optional(isRunId)(value['id']);
    case 'form':
      return optional(isText)(value['data']) && optional(isText)(value['base']);
    case 'compare':
      return Array.isArray(value['ids']) && value['ids'].length <= 32 && value['ids'].every(isRunId);
    case 'try':
      return isText(value['model']) && isText(value['name']);
    default:
      return false;
  }
};

const isChoice: Check<FormChoice> = (value): value is FormChoice =>
  isObject(value) &&
  oneOf(techniques)(value['technique']) &&
  [value['data'], value['base'], value['out']].every(isText) &&
  ['freezeUpTo', 'preprocessing', 'size'].every((field) => optional(isText)(value[field])) &&
  optional(oneOf(tasks))(value['task']);

const isContent = isTextOf(longestContent);

const isPicture: Check<DroppedPicture> = (value): value is DroppedPicture =>
  isObject(value) && isText(value['name']) && isContent(value['content']);
const isPictures: Check<readonly DroppedPicture[]> = (value): value is readonly DroppedPicture[] =>
  isArrayOf(isPicture)(value) && value.reduce((sum, { content }) => sum + content.length, 0) <= longestContent;

const ticket = optional(isNumber);

/** Each field of each message. The type makes sure that none is forgotten. */
const fields: {
  readonly [Type in WebviewMessage['type']]: {
    readonly [Field in keyof Omit<Extract<WebviewMessage, { type: Type }>, 'type'>]-?: Check<
      Extract<WebviewMessage, { type: Type }>[Field]
    >;
  };
} = {
  ready: { version: isNumber, view: optional(isPanelView) },
  drawn: { id: isRunId },
  navigate: { view: isPanelView },
  control: { id: isRunId, request: oneOf(controls) },
  detail: { id: isRunId, from: isNumber, to: isNumber, ticket },
  picture: { id: isRunId, file: isText, ticket },
  openImage: { id: isRunId, file: isText },
  openScript: { id: isRunId },
  command: { command: oneOf(panelCommands), id: optional(isRunId) },
  saveFile: { name: isText, format: oneOf(['csv', 'png']), content: isContent },
  try: { ticket, pictures: isPictures, files: isArrayOf(isText) },
  choosePictures: { ticket },
  listBases: { ticket },
  describeBase: { base: isText, ticket },
  summarizeData: { folder: isText, ticket },
  choose: { what: oneOf(['data', 'dataFile', 'base', 'out']), current: isText, ticket },
  preview: { ticket, choice: isChoice },
  write: { choice: isChoice, train: isBoolean, ticket },
};

/** The message, or undefined where it is none. */
export function checkWebviewMessage(value: unknown): WebviewMessage | undefined {
  if (!isObject(value) || typeof value['type'] !== 'string' || !Object.hasOwn(fields, value['type'])) return undefined;
  const checks = fields[value['type'] as WebviewMessage['type']];
  return wrongField(checks, value) === undefined ? (value as WebviewMessage) : undefined;
}
