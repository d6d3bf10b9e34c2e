import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkServiceMessage, checkServiceReply } from '../../../src/protocol/index.js';

const call = (method: string, request: unknown, id: unknown = 1) => ({ type: 'call', id, method, request });
const script = { technique: 'fine-tuning', data: 'd', base: 'sapling', workspace: 'w' };

test('what the editor sends is let through', () => {
  for (const message of [
    call('listBases', {}),
    call('describeModel', { file: 'a.h5' }),
    call('predict', { model: 'm', files: ['a.png'], thumbnails: 192 }),
    call('predict', { model: 'm', files: [] }),
    call('thumbnails', { files: ['a.heic'], side: 192 }),
    call('exportModel', { model: 'm', to: 'onnx', out: 'o' }),
    call('scriptText', script),
    call('scriptText', { ...script, freezeUpTo: undefined }),
    { type: 'cancel', id: 7 },
  ])
    assert.deepEqual(checkServiceMessage(message), message);
});

test('anything else is refused, with the number of the call where it has one', () => {
  const cases: readonly (readonly [unknown, number | undefined, RegExp])[] = [
    [undefined, undefined, /no number/],
    ['text', undefined, /no number/],
    [call('listBases', {}, '1'), undefined, /no number/],
    [call('listBases', {}, 0), undefined, /no number/],
    [call('listBases', {}, 1.5), undefined, /no number/],
    [{ type: 'other', id: 3 }, 3, /neither a call nor its end/],
    [{ id: 3, method: 'listBases', request: {} }, 3, /neither a call nor its end/],
    [call('toString', {}), 1, /no method toString/],
    [call('__proto__', {}), 1, /no method __proto__/],
    [call('listBases', undefined), 1, /asked for nothing/],
    [call('listBases', []), 1, /asked for nothing/],
    [call('listBases', { more: 1 }), 1, /wrong "more"/],
    [call('describeModel', {}), 1, /wrong "file"/],
    [call('describeModel', { file: 7 }), 1, /wrong "file"/],
    [call('describeModel', { file: 'x'.repeat(5_000) }), 1, /wrong "file"/],
    [call('predict', { model: 'm', files: 'a.png' }), 1, /wrong "files"/],
    [call('predict', { model: 'm', files: ['a', 7] }), 1, /wrong "files"/],
    [call('predict', { model: 'm', files: [], thumbnails: 1e9 }), 1, /wrong "thumbnails"/],
    [call('thumbnails', { files: ['a.heic'] }), 1, /wrong "side"/],
    [call('exportModel', { model: 'm', to: 'pickle' }), 1, /wrong "to"/],
    [call('scriptText', { ...script, technique: 'none' }), 1, /wrong "technique"/],
  ];
  for (const [message, id, reason] of cases) {
    const refused = checkServiceMessage(message);
    assert.ok(refused.type === 'refused', JSON.stringify(message));
    assert.equal(refused.id, id);
    assert.match(refused.reason, reason);
  }
});

test('replies are checked too', () => {
  for (const reply of [
    { type: 'ready', protocol: 1 },
    { type: 'started', id: 1 },
    { type: 'result', id: 1, result: 'anything' },
    { type: 'error', id: 1, message: 'why', action: 'what to do' },
  ])
    assert.deepEqual(checkServiceReply(reply), reply);
  for (const reply of [
    null,
    'ready',
    { type: 'ready' },
    { type: 'result', id: 'x' },
    { type: 'error', id: 1 },
    { type: 'error', id: 1, message: 'm', action: 7 },
  ])
    assert.equal(checkServiceReply(reply), undefined);
});
