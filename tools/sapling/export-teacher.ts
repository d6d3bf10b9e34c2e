/** Writes the teacher of sapling as ONNX: node dist/tools/export-teacher.js MODEL_FOLDER TEACHER.onnx */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { readTfjsModel } from '../../src/runtime/bases/files/tfjs-file.js';
import { dataKinds } from '../../src/runtime/data/index.js';
import { encodeModel, forwardGraph, inputsOf, programOf } from '../../src/runtime/graph/index.js';
import { tf } from '../../src/runtime/tf.js';

const [folder = '', out = ''] = process.argv.slice(2);
const { model } = await readTfjsModel(path.join(folder, 'model.json'));
const features = model.getLayer('global_average_pooling').output as tf.SymbolicTensor;
const logits = model.getLayer('reshape_logits').output as tf.SymbolicTensor;
const teacher = tf.model({ inputs: model.inputs, outputs: [features, logits] });
const inputs = inputsOf(dataKinds.image, { size: [224, 224], resize: 'crop' }, 'tf');
writeFileSync(out, encodeModel(forwardGraph(programOf(teacher), inputs)));
