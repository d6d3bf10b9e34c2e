import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { formatNamed } from './case.js';
import { formats } from './formats.js';
import { makeData } from './originals.js';
import { failed, table } from './report.js';
import { Slot, type Result } from './slot.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    files: { type: 'string', default: '100' },
    format: { type: 'string', multiple: true },
    only: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});

if (values.only !== undefined) {
  const result = await Slot.repeat(path.resolve(values.only));
  console.log(lineOf(result));
  process.exit(failed([result]) ? 1 : 0);
}

const [seed, files] = [Number(values.seed), Number(values.files)];
const among = values.format?.map(formatNamed) ?? formats;
const root = mkdtempSync(path.join(tmpdir(), 'graft-break-'));
const failures = path.join(root, 'failures');
mkdirSync(failures);
await makeData(path.join(root, 'data'));

const results: Result[] = [];
let next = 0;
const slots = Array.from(
  { length: Math.min(files, availableParallelism(), 4) },
  (_, i) => new Slot(path.join(root, `slot-${i}`), failures),
);
const began = performance.now();
try {
  await Promise.all(
    slots.map(async (slot) => {
      await slot.open(path.join(root, 'data'));
      for (let index = next++; index < files; index = next++) {
        const result = await slot.try(seed, index, among);
        results.push(result);
        if (results.length % 100 === 0) console.log(`${results.length} of ${files} tried.`);
        if (result.repeat !== undefined || values.verbose) console.log(`${index}: ${lineOf(result)}`);
        if (result.repeat !== undefined) console.log(`  ${result.repeat}`);
      }
    }),
  );
} finally {
  for (const slot of slots) slot.close();
}
console.log(table(results));
console.log(`${files} files, seed ${seed}, in ${Math.round((performance.now() - began) / 1000)} s.`);
for (const name of ['data', ...slots.map((_, i) => `slot-${i}`)])
  if (!results.some(({ repeat }) => repeat !== undefined))
    rmSync(path.join(root, name), { recursive: true, force: true });
if (!results.some(({ repeat }) => repeat !== undefined)) rmSync(root, { recursive: true, force: true });
process.exit(failed(results) ? 1 : 0);

function lineOf({ format, file, kind, verdict, why }: Result): string {
  return `${format}, ${file}, ${kind}: ${verdict} ${why}`;
}
