import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';

import { EventLog } from '../../../src/runs/event-log.js';
import { canMount } from '../../support/disk.js';
import { temporaryFolder } from '../../support/pictures.js';

/** The types of the lines that are whole. */
function types(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [(JSON.parse(line) as { type: string }).type];
      } catch {
        return [];
      }
    });
}

test('a line that a killed process wrote in half does not swallow the next one', () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'events.ndjson');
  writeFileSync(file, '{"type":"epo');
  const log = new EventLog(folder);
  log.emit({ type: 'paused' });
  log.emit({ type: 'done' });
  log.close();
  assert.deepEqual(types(file), ['paused', 'done']);
});

test(
  'a disk with room for half a line: the end of the run is written whole all the same',
  { skip: canMount() ? false : 'needs the right to mount a small tmpfs' },
  () => {
    const disk = temporaryFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
    try {
      for (const before of ['nothing else', 'an event that found no room']) {
        const folder = mkdtempSync(path.join(disk, 'run-'));
        const file = path.join(folder, 'events.ndjson');
        const log = new EventLog(folder);
        log.emit({ type: 'paused' });
        const ballast = path.join(folder, 'ballast');
        assert.throws(() => {
          for (;;) appendFileSync(ballast, Buffer.alloc(4096));
        }, /ENOSPC/);
        // The rest of the page that the log begun is still there.
        const left = 4096 - (statSync(file).size % 4096);
        const text = 'x'.repeat(left);
        if (before !== 'nothing else')
          assert.throws(() => {
            log.emit({ type: 'log', level: 'info', text });
          }, /the disk is full/);
        log.emit({ type: 'failed', message: text });
        log.close();
        assert.deepEqual(types(file), ['paused', 'failed'], before);
        writeFileSync(ballast, '');
      }
    } finally {
      execFileSync('umount', [disk]);
    }
  },
);
