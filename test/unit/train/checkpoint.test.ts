import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { GraftError } from '../../../src/common/errors.js';
import {
  loadCheckpoint,
  previousCheckpoint,
  saveCheckpoint,
  type Checkpoint,
} from '../../../src/runtime/train/checkpoint.js';
import { readSafetensors, writeSafetensors } from '../../../src/runtime/train/safetensors.js';
import { newState, parseState, type TrainingState } from '../../../src/runtime/train/training-state.js';
import { temporaryFolder } from '../../support/pictures.js';

const owner = {
  fingerprint: 'f',
  stages: 2,
  shapes: new Map([
    ['dense/0', [2, 2]],
    ['dense/1', [2]],
  ]),
};
const metrics = { loss: 0.5, accuracy: 0.75, macroF1: 0.7 };

function checkpoint(epoch: number): Checkpoint {
  const weights = new Map([
    ['dense/0', { data: Float32Array.of(1, 2, 3, epoch), shape: [2, 2] }],
    ['dense/1', { data: Float32Array.of(-0, NaN), shape: [2] }],
  ]);
  const slots = new Map([['dense/0/m', { data: Float32Array.of(5, 6, 7, 8), shape: [2, 2] }]]);
  const state: TrainingState = {
    ...newState(),
    epoch,
    lossSum: 1.25,
    best: { stage: 'head', epoch: 1, metrics },
    history: [
      { stage: 'head', epoch: 1, train: { loss: 2, accuracy: 0.5 }, validation: metrics, learningRate: 0.01, ms: 3 },
    ],
  };
  return { state, weights, bestWeights: weights, optimizer: { step: 4, slots } };
}

/** A folder with two generations: after epoch 1 and after epoch 2. */
async function two(): Promise<string> {
  const file = path.join(temporaryFolder(), 'training-1.safetensors');
  for (const epoch of [1, 2]) await saveCheckpoint(file, owner.fingerprint, checkpoint(epoch));
  return file;
}

test('a checkpoint comes back as it was; the one before it is kept', async () => {
  const file = await two();
  assert.deepEqual(await loadCheckpoint(file, owner), { ...checkpoint(2), fallback: undefined });
  assert.deepEqual(readdirSync(path.dirname(file)).sort(), [
    'training-1.previous.safetensors',
    'training-1.safetensors',
  ]);
  assert.equal(await loadCheckpoint(path.join(path.dirname(file), 'other.safetensors'), owner), undefined);
});

test('whatever byte is damaged, the one before it is taken, and says why', async () => {
  const file = await two();
  const whole = readFileSync(file);
  for (let at = 0; at < whole.length; at++) {
    const bytes = Buffer.from(whole);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at);
    writeFileSync(file, bytes);
    const loaded = await loadCheckpoint(file, owner);
    assert.equal(loaded?.state.epoch, 1, `byte ${at}`);
    assert.match(loaded.fallback ?? '', /training-1\.safetensors is not whole: it/, `byte ${at}`);
  }
});

const damage: Record<string, (file: string) => void> = {
  'cut off': (file) => {
    truncateSync(file, 100);
  },
  empty: (file) => {
    truncateSync(file, 0);
  },
  longer: (file) => {
    writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.alloc(8)]));
  },
  gone: (file) => {
    rmSync(file);
  },
  'as version 0.1.0 wrote it': (file) => {
    const json = '{"__metadata__":{"fingerprint":"f","state":"{}","optimizerStep":"0"}}';
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    writeFileSync(file, Buffer.concat([length, Buffer.from(json)]));
  },
  ...(process.platform === 'win32'
    ? {}
    : {
        'a pipe': (file) => {
          rmSync(file);
          execFileSync('mkfifo', [file]);
        },
      }),
};

for (const [what, harm] of Object.entries(damage)) {
  test(`${what}: the one before it is taken; where that is no better, nothing is lost silently`, async () => {
    const file = await two();
    harm(file);
    const loaded = await loadCheckpoint(file, owner);
    assert.equal(loaded?.state.epoch, 1);
    assert.ok(loaded.fallback);
    harm(previousCheckpoint(file));
    if (what === 'gone') assert.equal(await loadCheckpoint(file, owner), undefined);
    else {
      await assert.rejects(loadCheckpoint(file, owner), (error) => {
        assert.ok(error instanceof GraftError);
        assert.match(
          error.message,
          /^There is no whole checkpoint to go on from: .*training-1(\.previous)?\.safetensors/,
        );
        assert.match(error.action, /^To train from the beginning, delete .*, then resume again\.$/);
        return true;
      });
    }
  });
}

test('a checkpoint of another training is refused, not passed over', async () => {
  const file = await two();
  await assert.rejects(loadCheckpoint(file, { ...owner, fingerprint: 'g' }), /have changed since the checkpoint/);
  const { tensors, metadata } = await readSafetensors(file, 1 << 20);
  await writeSafetensors(file, { tensors, metadata: { ...metadata, version: '1' } });
  await assert.rejects(loadCheckpoint(file, { ...owner, fingerprint: 'g' }), /saved by another version of Graft/);
});

test('a whole file that does not fit the training is not taken', async () => {
  const fits = checkpoint(1);
  const tensors = new Map([...fits.weights].map(([name, tensor]) => [`weights/${name}`, tensor]));
  const metadata = { fingerprint: 'f', state: JSON.stringify(fits.state), optimizerStep: '4' };
  const slot = { data: new Float32Array(2), shape: [2] };
  const without = new Map(tensors);
  without.delete('weights/dense/1');
  for (const [what, file, problem] of [
    [
      'another shape',
      { tensors: new Map([...tensors, ['weights/dense/1', { ...slot, shape: [1, 2] }]]), metadata },
      /has the shape \[1,2\], not \[2\]/,
    ],
    ['a weight less', { tensors: without, metadata }, /lacks the weight dense\/1/],
    ['a weight more', { tensors: new Map([...tensors, ['weights/other/0', slot]]), metadata }, /not \[none\]/],
    [
      'a best weight less',
      { tensors: new Map([...tensors, ['best/dense/1', slot]]), metadata },
      /lacks the best weight dense\/0/,
    ],
    [
      'a moment of nothing',
      { tensors: new Map([...tensors, ['slots/other/0/m', slot]]), metadata },
      /moment other\/0\/m/,
    ],
    ['a step', { tensors, metadata: { ...metadata, optimizerStep: '-1' } }, /optimizer's step is -1/],
    ['a state', { tensors, metadata: { ...metadata, state: '[' } }, /state is not valid JSON/],
    [
      'larger than the model',
      { tensors: new Map([...tensors, ['x', { data: new Float32Array(20 << 20), shape: [20 << 20] }]]), metadata },
      /more than the/,
    ],
  ] as const) {
    const name = path.join(temporaryFolder(), 'x.safetensors');
    await writeSafetensors(name, file);
    await assert.rejects(loadCheckpoint(name, owner), problem, what);
  }
});

test('a header that lies is refused, its checksum right', async () => {
  const file = path.join(temporaryFolder(), 'x.safetensors');
  const digestAt = 8 + '{"__metadata__":{"sha256":"'.length;
  for (const [header, problem] of [
    ['"a":{"dtype":"F32","shape":[4],"data_offsets":[0,8]}', /tensor a is not where/],
    ['"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}', /no float32 shape/],
    ['"a":{"dtype":"F32","shape":[1e300],"data_offsets":[0,8]}', /no float32 shape/],
    ['"a":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}', /no float32 shape/],
    ['"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}', /cut off/],
    ['"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}', /longer than its tensors/],
    ['"a":null', /tensor a is no object/],
    ['"a":' + '['.repeat(1000) + ']'.repeat(1000), /nested deeper/],
  ] as const) {
    const json = `{"__metadata__":{"sha256":"${'0'.repeat(64)}"},${header}}`;
    const padded = json.padEnd(Math.ceil(json.length / 8) * 8);
    const bytes = Buffer.concat([Buffer.alloc(8), Buffer.from(padded), Buffer.alloc(8)]);
    bytes.writeBigUInt64LE(BigInt(padded.length));
    const rest = [bytes.subarray(0, digestAt), bytes.subarray(digestAt + 64)];
    bytes.write(createHash('sha256').update(Buffer.concat(rest)).digest('hex'), digestAt, 'latin1');
    writeFileSync(file, bytes);
    await assert.rejects(loadCheckpoint(file, owner), problem);
  }
});

test('a state that no training can have reached names its field', () => {
  const { state } = checkpoint(1);
  const round = (value: unknown) => parseState(JSON.parse(JSON.stringify(value)), 2);
  assert.deepEqual(round(state), state);
  // JSON has no NaN: a validation loss that was none comes back as one.
  const lost = { ...state, best: { stage: 'head', epoch: 1, metrics: { ...metrics, loss: NaN } } };
  assert.deepEqual(round(lost).best?.metrics.loss, NaN);
  for (const [change, problem] of [
    [{ stage: 3 }, /its stage is 3/],
    [{ epoch: -1 }, /its epoch is -1/],
    [{ step: 1.5 }, /its step is 1.5/],
    [{ lossSum: null }, /its lossSum is null/],
    [{ epochMs: '3' }, /its epochMs is "3"/],
    [{ lowestLoss: 'x' }, /its lowestLoss is "x"/],
    [{ best: null }, /its best epoch is no object/],
    [{ best: { stage: 'middle', epoch: 1, metrics } }, /its best epoch lacks/],
    [{ best: { stage: 'head', epoch: 1, metrics: { ...metrics, accuracy: 2 } } }, /its metrics lack/],
    [{ history: {} }, /its history is no list/],
    [{ history: [{}] }, /its history/],
  ] as const)
    assert.throws(() => round({ ...state, ...change }), problem);
  assert.throws(() => parseState(null, 2), /its state is no object/);
});

test('a kill between the two renames of a save loses nothing', async () => {
  const file = await two();
  const last = readFileSync(file);
  copyFileSync(file, previousCheckpoint(file));
  rmSync(file);
  const loaded = await loadCheckpoint(file, owner);
  assert.equal(loaded?.state.epoch, 2);
  assert.match(loaded.fallback ?? '', /is missing/);
  await saveCheckpoint(file, owner.fingerprint, checkpoint(3));
  assert.ok(existsSync(file));
  assert.deepEqual(readFileSync(previousCheckpoint(file)), last);
});

test('a damaged checkpoint never takes the place of the whole one before it', async () => {
  const file = await two();
  const first = readFileSync(previousCheckpoint(file));
  truncateSync(file, 100);
  assert.ok((await loadCheckpoint(file, owner))?.fallback);
  await saveCheckpoint(file, owner.fingerprint, checkpoint(3));
  assert.deepEqual(readFileSync(previousCheckpoint(file)), first);
  assert.equal((await loadCheckpoint(file, owner))?.state.epoch, 3);
});
