import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { FormHost } from '../../../../src/extension/panel/form-host.js';
import type { Service } from '../../../../src/extension/services.js';
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
