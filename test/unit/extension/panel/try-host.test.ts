import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { CancellationToken } from 'vscode';

import type { HostMessage } from '../../../../src/protocol/index.js';
import { TryHost } from '../../../../src/extension/panel/try-host.js';
import type { Service } from '../../../../src/extension/services.js';
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
  const posted: HostMessage[] = [];
  const editor = new FakeEditor([process.cwd()]);
  const host = new TryHost(editor, service, (message) => posted.push(message));
  // As the real one: what was cancelled has no result.
  const cancellable = (_title: string, work: (given?: CancellationToken) => Promise<unknown>) =>
    work(token).catch(() => undefined);
  Object.assign(editor, { cancellable });
  await host.look('model', 7, [{ name: 'a.png', content: '' }], []);
  await host.choose('model', 8);
  assert.deepEqual(posted, [
    { type: 'tried', ticket: 7 },
    { type: 'tried', ticket: 8 },
  ]);
  assert.deepEqual(told, [
    ['predict', token],
    ['predict', token],
  ]);
});
