import path from 'node:path';

import type { Answer, FormChoice, HostMessage, ScriptRequest, WebviewMessage } from '../../protocol/index.js';
import { isInside } from '../../runtime/places.js';
import type { Service } from '../services.js';
import { answerOf } from './answer.js';
import type { Editor } from './editor.js';
import { shownPath } from './paths.js';

export type FormMessage = Extract<
  WebviewMessage,
  { type: 'listBases' | 'describeBase' | 'summarizeData' | 'choose' | 'preview' | 'write' }
>;

/** Answers the form: what the service knows, what the user chooses in the editor's dialogs, and writing the script. */
export class FormHost {
  constructor(
    private readonly editor: Editor,
    private readonly service: Service,
    private readonly post: (message: HostMessage) => void,
  ) {}

  async listBases(): Promise<void> {
    this.post({ type: 'bases', bases: await answerOf(this.service.call('listBases', {})) });
  }

  async describeBase(base: string): Promise<void> {
    this.post({ type: 'base', base, answer: await answerOf(this.service.call('describeBase', { base })) });
  }

  async summarizeData(folder: string): Promise<void> {
    const absolute = this.#absolute(folder);
    this.post({
      type: 'data',
      folder,
      answer: await answerOf(this.service.call('summarizeData', { folder: absolute })),
    });
  }

  async choose(what: 'data' | 'dataFile' | 'base' | 'out', current: string): Promise<void> {
    const { editor } = this;
    const chosen =
      what === 'data'
        ? await editor.chooseFolder(this.#absolute(current))
        : what === 'dataFile'
          ? await editor.chooseDataFile(this.#absolute(current))
          : what === 'base'
            ? await editor.chooseModelFile()
            : await editor.chooseScriptFile(this.#absolute(current));
    if (chosen === undefined) return;
    this.post({ type: 'chosen', what: what === 'dataFile' ? 'data' : what, path: this.#shown(chosen) });
  }

  async preview(ticket: number, choice: FormChoice): Promise<void> {
    this.post({
      type: 'preview',
      ticket,
      answer: await answerOf(this.service.call('scriptText', this.#request(choice))),
    });
  }

  /** Writes the script and opens it. Returns its path, or undefined when there is none. */
  async write(choice: FormChoice): Promise<string | undefined> {
    const file = this.#absolute(choice.out);
    const problem = this.#outProblem(choice, file);
    if (problem !== undefined) {
      this.post({ type: 'written', answer: problem });
      return undefined;
    }
    if ((await this.editor.exists(file)) && !(await this.editor.confirmOverwrite(file))) return undefined;
    const result = await answerOf(this.#write(file, this.#request(choice)));
    this.post({ type: 'written', answer: result });
    return result.ok ? file : undefined;
  }

  async #write(file: string, request: ScriptRequest): Promise<string> {
    const text = await this.service.call('scriptText', request);
    await this.editor.writeText(file, text);
    await this.editor.openFile(file);
    return this.#shown(file);
  }

  #outProblem(choice: FormChoice, file: string): Extract<Answer<string>, { ok: false }> | undefined {
    const { t, workspaceFolders } = this.editor;
    if (!/\.[mc]?ts$/.test(file))
      return {
        ok: false,
        message: t('"{0}" is not a TypeScript file.', choice.out),
        action: t('End its name with .ts.'),
      };
    if (!workspaceFolders.some((folder) => isInside(folder, file)))
      return {
        ok: false,
        message: t('"{0}" is outside the workspace.', choice.out),
        action: t('Choose a place inside the opened folder.'),
      };
    return undefined;
  }

  /** A script runs in the workspace folder that it lies in; its paths start where it lies. */
  #request({ technique, data, task, base, freezeUpTo, out }: FormChoice): ScriptRequest {
    const file = this.#absolute(out);
    const workspace = this.editor.workspaceFolders.find((folder) => isInside(folder, file)) ?? this.#workspace;
    return { technique, data: this.#absolute(data), task, base, freezeUpTo, workspace, folder: path.dirname(file) };
  }

  get #workspace(): string {
    return this.editor.workspaceFolders[0] ?? '';
  }

  #absolute(file: string): string {
    return path.resolve(this.#workspace, file);
  }

  #shown(file: string): string {
    return shownPath(this.#workspace, file);
  }
}
