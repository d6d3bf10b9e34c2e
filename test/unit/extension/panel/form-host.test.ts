import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { FormHost } from '../../../../src/extension/panel/form-host.js';
import type { Service } from '../../../../src/extension/interfaces.js';
import { FakeEditor } from '../../../browser/support/fake-host.js';

test('a script is written for the workspace folder that it lies in: there it runs', async () => {
  const [first, second] = [path.resolve('/w/first'), path.resolve('/w/second')];
  const workspaces: unknown[] = [];
  const service: Service = {
    call: (_method, request) => {
      workspaces.push((request as { workspace?: unknown }).workspace);
      return Promise.resolve('// script' as never);
    },
  };
  const host = new FormHost(new FakeEditor([first, second]), service);
  const choice = { technique: 'fine-tuning', data: 'data', base: 'sapling' } as const;
  await host.write({ ...choice, out: 'train.ts' });
  await host.write({ ...choice, out: path.join(second, 'train.ts') });
  assert.deepEqual(workspaces, [first, second]);
});

test('a base that was chosen in the workspace is a file there, wherever the helper process works', async () => {
  const workspace = path.resolve('/w/first');
  const asked: unknown[] = [];
  const service: Service = {
    call: (method, request) => {
      asked.push([method, (request as { base?: unknown }).base, (request as { workspace?: unknown }).workspace]);
      return Promise.resolve([] as never);
    },
  };
  const host = new FormHost(new FakeEditor([workspace]), service);
  await host.listBases();
  const choice = { technique: 'fine-tuning', data: 'data', out: 'train.ts' } as const;
  const model = path.join(workspace, 'models', 'pets');
  for (const base of ['mobilenet-v2-0.75', 'models/pets', 'pets.h5', model]) {
    await host.describeBase(base);
    await host.preview({ ...choice, base });
  }
  assert.deepEqual(asked, [
    ['listBases', undefined, workspace],
    ...['mobilenet-v2-0.75', model, path.join(workspace, 'pets.h5'), model].flatMap((base) => [
      ['describeBase', base, undefined],
      ['scriptText', base, workspace],
    ]),
  ]);
});
