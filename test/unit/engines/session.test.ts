import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';

import { GraphBuilder } from '../../../src/runtime/graph/ir.js';
import { openSession } from '../../../src/runtime/engines/session.js';
import { temporaryFolder } from '../../support/pictures.js';

test('ONNX Runtime does not begin to report what it is used for', async () => {
  // Where it reports, it opens a log and a list of what is to be sent there, with its first session.
  const folder = temporaryFolder();
  process.env['TMPDIR'] = folder;
  const builder = new GraphBuilder();
  const x = builder.input('x', ['N', 2]);
  const session = await openSession(builder.build({ y: builder.op('Neg', [x], {}, x.shape) }));
  const { y } = await session.run({ x: { data: Float32Array.of(1, -2), shape: [1, 2] } });
  assert.deepEqual(y?.data, Float32Array.of(-1, 2));
  await session.release();
  assert.deepEqual(readdirSync(folder), []);
});
