import { sha256 } from '../../common/hash.js';
import { isActive, purposeOf, type RunInfo } from '../../protocol/index.js';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { type DataKind, dataKinds } from '../data/index.js';
import { GraftError } from '../../common/errors.js';
import { outsideOf, pictureFolder } from '../data/places.js';
import { readRegularFile } from '../../common/read-file.js';
import { overrideFlags } from '../../runs/overrides.js';
import { lastEvent, type RunRecord } from '../../runs/read.js';
import { workspaceOf } from '../../runs/run-folder.js';
import type { ReportContent } from './html.js';

const shownMistakes = 24;
const longestScript = 4 << 20;

/** Gathers what the report of a finished run shows. @throws GraftError when the run has no report. */
export async function reportContent(run: RunRecord): Promise<ReportContent> {
  const { folder, info, report, status } = run;
  if (run.damage !== undefined) throw run.damage;
  if (report === undefined) {
    throw new GraftError(`Run ${info.id} has no report: it is ${status}.`, {
      action: isActive(run)
        ? 'Wait until it is done.'
        : status === 'failed'
          ? `${await failure(folder)}Correct that, then go on with: graft resume ${info.id}`
          : `Continue it with: graft resume ${info.id}`,
    });
  }
  const data = await lastEvent(folder, 'data');
  const folders = [process.cwd(), workspaceOf(folder)];
  const { text, changed } = await scriptText(info, folders);
  const pictures =
    data === undefined
      ? undefined
      : await pictureFolder(path.resolve(info.workspace, data.directory), { folders, elsewhere: true });
  const kind = dataKinds[data?.kind ?? 'image'];
  const thumbnails = await Promise.all(
    report.mistakes
      .slice(0, shownMistakes)
      .map(async ({ file }) => (pictures === undefined ? undefined : await mistakeThumbnail(kind, pictures, file))),
  );
  return {
    id: info.id,
    purpose: purposeOf(info),
    report,
    data,
    words: kind.words,
    script: { file: info.script, text, changed },
    thumbnails,
    splits: await splitFiles(folder),
    overrides: overrideFlags(info.overrides ?? {}),
    versions: { ...info.versions, platform: info.platform },
  };
}

/** Where the run lists its data sets; those of older versions do not. */
async function splitFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => /^split(-\d+)?\.csv$/.test(name)).map((name) => path.join(folder, name));
}

/**
 * The script goes into the report, which people send to each other: only what the run was made with, or what lies in the folders at hand. A
 * run.json that came with a download may name any file.
 */
async function scriptText({ script, scriptHash }: RunInfo, folders: readonly string[]) {
  const bytes = await readRegularFile(script, longestScript).catch(() => undefined);
  const changed = bytes !== undefined && sha256(bytes) !== scriptHash;
  const isShown = bytes !== undefined && (!changed || (await outsideOf([script], folders)).length === 0);
  return { text: isShown ? bytes.toString('utf8') : undefined, changed };
}

/** Undefined when the picture is gone, or not in the data folder. */
async function mistakeThumbnail(kind: DataKind, directory: string, id: string): Promise<Buffer | undefined> {
  const source = kind.sourceOf(directory, id);
  if ((await outsideOf([source.path], [directory])).length > 0) return undefined;
  return await kind.show(source, 160).catch(() => undefined);
}

/** Why a run failed, as a sentence before what to do. */
async function failure(folder: string): Promise<string> {
  const failed = await lastEvent(folder, 'failed');
  return failed === undefined ? '' : `It said: ${failed.message} `;
}
