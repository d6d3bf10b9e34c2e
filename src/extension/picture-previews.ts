import * as vscode from 'vscode';

import type { Service } from './interfaces.js';

const scheme = 'graft-picture';
/** As large as most screens. */
const side = 2_048;

/** Where the editor finds a picture that it can show, of one that it cannot: the same path and one more extension. */
export function previewOf(file: vscode.Uri): vscode.Uri {
  return file.with({ scheme, path: `${file.path}.jpg` });
}

/** HEIC and TIFF as JPEG, decoded by ourselves: the editor's viewer knows neither. */
export class PicturePreviews implements vscode.FileSystemProvider {
  readonly onDidChangeFile = new vscode.EventEmitter<vscode.FileChangeEvent[]>().event;
  /** The last one: its size is asked for before it is read. */
  #last: { readonly key: string; readonly jpeg: Promise<Uint8Array> } | undefined;

  constructor(private readonly service: Service) {}

  static register(service: Service): vscode.Disposable {
    return vscode.workspace.registerFileSystemProvider(scheme, new PicturePreviews(service), { isReadonly: true });
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { ctime, mtime } = await vscode.workspace.fs.stat(fileOf(uri));
    return { type: vscode.FileType.File, ctime, mtime, size: (await this.#jpeg(uri, mtime)).byteLength };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const { mtime } = await vscode.workspace.fs.stat(fileOf(uri));
    return await this.#jpeg(uri, mtime);
  }

  async #jpeg(uri: vscode.Uri, mtime: number): Promise<Uint8Array> {
    const key = `${mtime} ${uri.path}`;
    if (this.#last?.key !== key) this.#last = { key, jpeg: this.#make(uri) };
    return await this.#last.jpeg;
  }

  async #make(uri: vscode.Uri): Promise<Uint8Array> {
    if (!vscode.workspace.isTrusted) throw vscode.FileSystemError.NoPermissions(uri);
    const [jpeg] = await this.service.call('thumbnails', { files: [fileOf(uri).fsPath], side, whole: true });
    if (typeof jpeg !== 'string') throw vscode.FileSystemError.Unavailable(uri);
    return Buffer.from(jpeg, 'base64');
  }

  // Nothing is written here, and there are no folders.
  watch = () => new vscode.Disposable(() => undefined);
  readDirectory = refuse;
  createDirectory = refuse;
  writeFile = refuse;
  delete = refuse;
  rename = refuse;
}

function fileOf(preview: vscode.Uri): vscode.Uri {
  return vscode.Uri.file(preview.path.replace(/\.jpg$/, ''));
}

function refuse(uri: vscode.Uri): never {
  throw vscode.FileSystemError.NoPermissions(uri);
}
