import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import type { CancellationToken } from 'vscode';

import type { DroppedPicture, Prediction } from '../../protocol/index.js';
import { isInside } from '../../runtime/data/places.js';
import type { Service } from '../interfaces.js';
import type { Editor } from './editor.js';

/** Side of the pictures beside the answers, in pixels. */
const thumbnails = 192;

type Predictions = readonly Prediction[];

/** Gives pictures to a model: dropped or pasted bytes, files dragged from the editor, or files that the user chooses. */
export class TryHost {
  constructor(
    private readonly editor: Editor,
    private readonly service: Service,
  ) {}

  /** Undefined where the user chose none, or cancelled the look at them. */
  async choose(model: string): Promise<Predictions | undefined> {
    const files = await this.editor.choosePictures();
    return files && (await this.#cancellable((token) => this.#predict(model, files, token)));
  }

  async look(
    model: string,
    pictures: readonly DroppedPicture[],
    addresses: readonly string[],
  ): Promise<Predictions | undefined> {
    return await this.#cancellable((token) => this.#lookAtAll(model, pictures, addresses, token));
  }

  async #lookAtAll(
    model: string,
    pictures: readonly DroppedPicture[],
    addresses: readonly string[],
    token: CancellationToken | undefined,
  ): Promise<Predictions> {
    const { t, workspaceFolders } = this.editor;
    const files = addresses.map((address) => ({ address, file: this.editor.fileOf(address) }));
    const isAllowed = (file: string | undefined) =>
      file !== undefined && workspaceFolders.some((folder) => isInside(folder, file));
    const refused = files
      .filter(({ file }) => !isAllowed(file))
      .map(({ address, file }) => ({
        file: path.basename(file ?? address),
        error: t('{0} is outside the workspace. Choose it with the button.', file ?? address),
      }));
    const allowed = files.flatMap(({ file }) => (file !== undefined && isAllowed(file) ? [file] : []));
    return [
      ...(await this.#predictContents(model, pictures, token)),
      ...(allowed.length === 0 ? [] : await this.#predict(model, allowed, token)),
      ...refused,
    ];
  }

  async #predict(model: string, files: readonly string[], token: CancellationToken | undefined): Promise<Predictions> {
    const predictions = await this.service.call('predict', { model, files, thumbnails }, token);
    return predictions.map((one) => ({ ...one, file: path.basename(one.file) }));
  }

  /** The service reads files: the bytes become some, for a moment. */
  async #predictContents(
    model: string,
    pictures: readonly DroppedPicture[],
    token: CancellationToken | undefined,
  ): Promise<Predictions> {
    if (pictures.length === 0) return [];
    const folder = await mkdtemp(path.join(os.tmpdir(), 'graft-try-'));
    try {
      // What dropped files are called decides nothing: numbers are safe names.
      const files = pictures.map((_, i) => path.join(folder, String(i)));
      for (const [i, { content }] of pictures.entries())
        await writeFile(path.join(folder, String(i)), Buffer.from(content, 'base64'));
      const predictions = await this.service.call('predict', { model, files, thumbnails }, token);
      return predictions.map((one, i) => {
        const name = pictures[i]?.name ?? '';
        return { ...one, file: name, ...(one.error && { error: one.error.replaceAll(one.file, name) }) };
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #cancellable(work: (token: CancellationToken | undefined) => Promise<Predictions>) {
    return await this.editor.cancellable(this.editor.t('Looking at the pictures'), work);
  }
}
