import path from 'node:path';

import type { BaseOption, DataSummary, FormChoice, ScriptRequest } from '../../protocol/index.js';
import { GraftError } from '../../common/errors.js';
import { baseFileExtensions } from '../../runtime/bases/files/model-files.js';
import { isInside } from '../../runtime/data/places.js';
import type { Service } from '../interfaces.js';
import type { Editor } from './editor.js';
import { shownPath } from './paths.js';

/** Answers the form: what the service knows, what the user chooses in the editor's dialogs, and writing the script. */
export class FormHost {
  constructor(
    private readonly editor: Editor,
    private readonly service: Service,
  ) {}

  async summarizeData(folder: string): Promise<DataSummary> {
    return await this.service.call('summarizeData', { folder: this.#absolute(folder) });
  }

  async listBases(): Promise<readonly BaseOption[]> {
    const workspace = this.#workspace;
    return await this.service.call('listBases', workspace === '' ? {} : { workspace });
  }

  async describeBase(base: string): Promise<BaseOption> {
    return await this.service.call('describeBase', { base: this.#base(base) });
  }

  /** Undefined where the user chose nothing. */
  async choose(what: 'data' | 'dataFile' | 'base' | 'out', current: string): Promise<string | undefined> {
    const { editor } = this;
    const chosen =
      what === 'data'
        ? await editor.chooseFolder(this.#absolute(current))
        : what === 'dataFile'
          ? await editor.chooseDataFile(this.#absolute(current))
          : what === 'base'
            ? await editor.chooseModelFile()
            : await editor.chooseScriptFile(this.#absolute(current));
    return chosen && this.#shown(chosen);
  }

  async preview(choice: FormChoice): Promise<string> {
    return await this.service.call('scriptText', this.#request(choice));
  }

  /** Writes the script and opens it; undefined where one that is there is to stay. */
  async write(choice: FormChoice): Promise<{ readonly file: string; readonly shown: string } | undefined> {
    const file = this.#absolute(choice.out);
    this.#checkOut(choice, file);
    if ((await this.editor.exists(file)) && !(await this.editor.confirmOverwrite(file))) return undefined;
    await this.editor.writeText(file, await this.preview(choice));
    await this.editor.openFile(file);
    return { file, shown: this.#shown(file) };
  }

  /** @throws GraftError for a place where no script is written. */
  #checkOut({ out }: FormChoice, file: string): void {
    const { t, workspaceFolders } = this.editor;
    if (!/\.[mc]?ts$/.test(file))
      throw new GraftError(t('"{0}" is not a TypeScript file.', out), { action: t('End its name with .ts.') });
    if (!workspaceFolders.some((folder) => isInside(folder, file)))
      throw new GraftError(t('"{0}" is outside the workspace.', out), {
        action: t('Choose a place inside the opened folder.'),
      });
  }

  /** A script runs in the workspace folder that it lies in; its paths start where it lies. */
  #request({ technique, data, task, base, freezeUpTo, preprocessing, size, out }: FormChoice): ScriptRequest {
    const file = this.#absolute(out);
    const workspace = this.editor.workspaceFolders.find((folder) => isInside(folder, file)) ?? this.#workspace;
    const folder = path.dirname(file);
    return {
      ...{ technique, data: this.#absolute(data), task, base: this.#base(base), freezeUpTo, workspace, folder },
      ...{ preprocessing: preprocessing === '' ? undefined : preprocessing, size: size === '' ? undefined : size },
    };
  }

  get #workspace(): string {
    return this.editor.workspaceFolders[0] ?? '';
  }

  /** A name, or the path of a model: a name that Graft knows (mobilenet-v2-0.75) has no slash, and does not end like a file. */
  #base(base: string): string {
    const isFile = /[/\\]/.test(base) || baseFileExtensions.some((end) => base.toLowerCase().endsWith(end));
    return isFile ? this.#absolute(base) : base;
  }

  #absolute(file: string): string {
    return path.resolve(this.#workspace, file);
  }

  #shown(file: string): string {
    return shownPath(this.#workspace, file);
  }
}
