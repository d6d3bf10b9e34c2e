import type { CancellationToken } from 'vscode';

import type { PanelCommand } from '../../protocol/index.js';
import type { Translate } from '../../words/index.js';

/** What the panel needs of the editor around it. `vscode-editor.ts` is the real one; tests have their own. */
export interface Editor {
  readonly trusted: boolean;
  /** `vscode.l10n.t`. */
  readonly t: Translate;
  /** Folders of the workspace, absolute. */
  readonly workspaceFolders: readonly string[];
  /** Beside the panel; `preserveFocus` for whoever goes on looking at the panel. */
  openFile(file: string, preserveFocus?: boolean): Promise<void>;
  /** As `openFile`, of a picture that the editor's own viewer cannot show. */
  openPreview(file: string, preserveFocus?: boolean): Promise<void>;
  chooseFolder(current: string): Promise<string | undefined>;
  /** A CSV or IDX file: most systems' dialogs offer either files or folders. */
  chooseDataFile(current: string): Promise<string | undefined>;
  choosePictures(): Promise<readonly string[] | undefined>;
  /** The file behind an address that the editor drags; undefined where it is on no disk of this machine. */
  fileOf(address: string): string | undefined;
  chooseModelFile(): Promise<string | undefined>;
  chooseScriptFile(current: string): Promise<string | undefined>;
  /** Asks where, then writes. */
  saveFile(name: string, format: 'csv' | 'png', content: Uint8Array): Promise<void>;
  /** Shows that something is going on, where it takes long, with a way to cancel it: then there is no result. */
  cancellable<T>(title: string, work: (token?: CancellationToken) => Promise<T>): Promise<T | undefined>;
  exists(file: string): Promise<boolean>;
  confirmOverwrite(file: string): Promise<boolean>;
  writeText(file: string, text: string): Promise<void>;
  runCommand(command: PanelCommand, run?: string): Promise<void>;
}
