import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { actionsOf } from '../../../src/extension/model-editor.js';
import { temporaryFolder } from '../../support/pictures.js';

test('the viewer of model files offers nothing to train on for ONNX, and all for a model that Graft saved', () => {
  const folder = temporaryFolder();
  const json = path.join(folder, 'model.json');
  assert.deepEqual(actionsOf(path.join(folder, 'garden.onnx')), []);
  assert.deepEqual(actionsOf(path.join(folder, 'tiny.h5')), ['fineTune', 'extract']);
  assert.deepEqual(actionsOf(json), ['fineTune', 'extract']);
  writeFileSync(path.join(folder, 'graft.json'), '{}');
  assert.deepEqual(actionsOf(json), ['fineTune', 'extract', 'evaluate', 'try', 'export']);
});
