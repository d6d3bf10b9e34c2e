import { purposeOf } from '../../protocol/index.js';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { thumbnail } from '../data/index.js';
import { GraftError } from '../errors.js';
import { overrideFlags } from '../runs/overrides.js';
import type { RunRecord } from '../runs/read.js';
import type { ReportContent } from './html.js';

const shownMistakes = 24;

/** Gathers what the report of a finished run shows. @throws GraftError when the run has no report. */
export async function reportContent({ info, events, report, status }: RunRecord): Promise<ReportContent> {
  if (report === undefined) {
    throw new GraftError(`Run ${info.id} has no report: it is ${status}.`, {
      action:
        status === 'interrupted' || status === 'stopped'
          ? `Continue it with: graft resume ${info.id}`
          : 'Wait until it is done.',
    });
  }
  const data = events.findLast((event) => event.type === 'data');
  const text = await readFile(info.script, 'utf8').catch(() => undefined);
  const changed = text !== undefined && createHash('sha256').update(text).digest('hex') !== info.scriptHash;
  const thumbnails = await Promise.all(
    report.mistakes
      .slice(0, shownMistakes)
      .map(({ file }) => (data === undefined ? Promise.resolve(undefined) : mistakeThumbnail(data.directory, file))),
  );
  return {
    id: info.id,
    purpose: purposeOf(info),
    report,
    data,
    script: { file: info.script, text, changed },
    thumbnails,
    overrides: overrideFlags(info.overrides ?? {}),
    versions: { ...info.versions, platform: info.platform },
  };
}

/** Undefined when the picture is gone. */
async function mistakeThumbnail(directory: string, id: string): Promise<Buffer | undefined> {
  const idx = /^(.*)#(\d+)$/.exec(id);
  const source =
    idx?.[1] === undefined
      ? ({ kind: 'file', path: path.resolve(directory, id) } as const)
      : ({ kind: 'idx', path: path.resolve(directory, idx[1]), index: Number(idx[2]) } as const);
  return await thumbnail({ id, source }, 160).catch(() => undefined);
}
