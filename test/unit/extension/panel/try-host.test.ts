import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { CancellationToken } from 'vscode';

import { TryHost } from '../../../../src/extension/panel/try-host.js';
import type { Service } from '../../../../src/extension/interfaces.js';
import { FakeEditor } from '../../../browser/support/fake-host.js';

test('a look at pictures can be cancelled: the service is told, and the page no longer waits', async () => {
  const token = { isCancellationRequested: true } as CancellationToken;
  const told: unknown[] = [];
  const service: Service = {
    call: (method, _request, cancellation) => {
      told.push([method, cancellation]);
      return Promise.reject(new Error('cancelled'));
    },
  };
  const editor = new FakeEditor([process.cwd()]);
  const host = new TryHost(editor, service);
  // As the real one: what was cancelled has no result.
  const cancellable = (_title: string, work: (given?: CancellationToken) => Promise<unknown>) =>
    work(token).catch(() => undefined);
  Object.assign(editor, { cancellable });
  assert.equal(await host.look('model', [{ name: 'a.png', content: '' }], []), undefined);
  assert.equal(await host.choose('model'), undefined);
  assert.deepEqual(told, [
    ['predict', token],
    ['predict', token],
  ]);
});
