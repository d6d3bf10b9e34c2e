import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import type { ServiceMethod, ServiceMethods, ServiceReply } from '../../src/protocol/index.js';
import { exportOnnx } from '../../src/runtime/export/onnx.js';
import { saveTrained, withModel } from '../../src/runtime/export/saved-model.js';
import { computingEnvironment } from '../../src/runs/process/environment.js';
import { tf } from '../../src/runtime/tf.js';
import { fixtures } from '../support/made-up.js';
import { pictureFolder, temporaryFolder } from '../support/pictures.js';

/** GRAFT_SERVICE_CALLS=500 is the whole measurement. */
const calls = Number(process.env['GRAFT_SERVICE_CALLS'] ?? 20);
/** Units of a layer: cheap to compute, and however many calls there are, all that would be kept is 120 MB. */
const units = 40_000 / calls;
const warmUp = Math.min(20, calls / 2);
const mostGrowth = 50;
const skip = process.platform === 'linux' ? false : 'the memory of another process is read from /proc';

const folder = temporaryFolder();
const model = path.join(folder, 'model');
const other = path.join(folder, 'other');
const onnx = path.join(folder, 'model.onnx');
let data = '';

async function saveWide(directory: string): Promise<void> {
  const input = tf.input({ shape: [16, 16, 3], name: 'pixels' });
  let x = tf.layers.conv2d({ filters: 4, kernelSize: 3, name: 'conv' }).apply(input);
  x = tf.layers.flatten({ name: 'flat' }).apply(x);
  x = tf.layers.dense({ units, activation: 'relu', name: 'wide' }).apply(x);
  x = tf.layers.dense({ units: 3, activation: 'softmax', name: 'classes' }).apply(x);
  const whole = tf.model({ inputs: input, outputs: x as tf.SymbolicTensor });
  await saveTrained(
    {
      ...{ model: whole, classes: ['blue', 'green', 'red'], size: [16, 16], resize: 'crop', preprocessing: 'tf' },
      ...{ base: { name: 'wide', hash: '' }, technique: 'fine-tuning', run: directory, dataHash: '', seed: 1 },
      metrics: { accuracy: 1, loss: 0, macroF1: 1 },
    },
    directory,
  );
  whole.dispose();
}

class Helper {
  #id = 0;
  private constructor(readonly child: ChildProcess) {}

  static async start(): Promise<Helper> {
    const env = computingEnvironment();
    const child = fork(path.resolve('dist/service.js'), [], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    await once(child, 'message');
    return new Helper(child);
  }

  async call<Method extends ServiceMethod>(method: Method, request: ServiceMethods[Method]['request']): Promise<void> {
    const id = ++this.#id;
    const answered = new Promise<void>((resolve, reject) => {
      const listen = (reply: ServiceReply) => {
        if (reply.type === 'started') return;
        this.child.off('message', listen);
        if (reply.type === 'error') reject(new Error(reply.message));
        else resolve();
      };
      this.child.on('message', listen);
    });
    this.child.send({ type: 'call', id, method, request });
    await answered;
  }

  /** Resident memory in MB. */
  get memory(): number {
    const status = readFileSync(`/proc/${this.child.pid ?? 0}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  }
}

before(async () => {
  data = await pictureFolder(['blue', 'green', 'red'], 2, path.join(folder, 'data'));
  for (const directory of [model, other]) await saveWide(directory);
  await withModel(model, (trained) => exportOnnx(trained, onnx));
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
});

const out = path.join(folder, 'out');
const modelFile = path.join(model, 'model.json');
const picture = () => [path.join(data, 'red', '0.png')];
const kinds: Readonly<Record<string, (helper: Helper, i: number) => Promise<void>>> = {
  predict: (helper) => helper.call('predict', { model, files: picture(), thumbnails: 192 }),
  // The helper process keeps the model that it used last.
  'predict with two models in turn': (helper, i) =>
    helper.call('predict', { model: i % 2 === 0 ? model : other, files: picture() }),
  'exportModel to onnx': (helper) => helper.call('exportModel', { model, to: 'onnx', out, force: true }),
  'exportModel to tfjs': (helper) => helper.call('exportModel', { model, to: 'tfjs', out }),
  evaluate: (helper) => helper.call('evaluate', { model, data }),
  'describeModel of .h5': (helper) => helper.call('describeModel', { file: path.join(fixtures, 'tiny.h5') }),
  'describeModel of .keras': (helper) => helper.call('describeModel', { file: path.join(fixtures, 'tiny.keras') }),
  'describeModel of .onnx': (helper) => helper.call('describeModel', { file: onnx }),
  'describeModel of model.json': (helper) => helper.call('describeModel', { file: modelFile }),
  'describeBase of model.json': (helper) => helper.call('describeBase', { base: modelFile }),
};

for (const [name, call] of Object.entries(kinds)) {
  test(`${name}: ${calls} calls keep nothing`, { skip }, async () => {
    const helper = await Helper.start();
    try {
      let made = 0;
      const growthOf = async (count: number) => {
        const before = helper.memory;
        for (const end = made + count; made < end; made++) {
          await call(helper, made);
          rmSync(out, { recursive: true, force: true });
        }
        return helper.memory - before;
      };
      await growthOf(warmUp);
      const first = helper.memory;
      let growth = await growthOf(calls);
      // A heap that has been made larger is so once; what is kept comes again.
      if (growth >= mostGrowth) growth = await growthOf(calls);
      console.log(`${name}: ${first.toFixed(0)} MB after ${warmUp} calls, ${growth.toFixed(0)} MB more after ${calls}`);
      assert.ok(growth < mostGrowth, `${growth.toFixed(0)} MB more, ${made} calls in all`);
    } finally {
      helper.child.disconnect();
    }
  });
}
