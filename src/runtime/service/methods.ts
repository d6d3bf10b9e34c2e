import path from 'node:path';

import type { ServiceMethods } from '../../protocol/index.js';
import { summarizeImages } from '../data/index.js';
import { checkEnvironment } from '../doctor.js';
import { evaluateModel } from '../evaluate/evaluate-model.js';
import { exportModel } from '../export/export-model.js';
import { predictFiles } from '../export/predict-files.js';
import { loadModel } from '../export/saved-model.js';
import { describeBaseOption, listBases } from '../scaffold/bases.js';
import { scriptText } from '../scaffold/script.js';
import { describeModel } from './describe-model.js';

type Handlers = {
  readonly [Method in keyof ServiceMethods]: (
    request: ServiceMethods[Method]['request'],
  ) => Promise<ServiceMethods[Method]['reply']>;
};

/** What the editor may ask, each answered by the function that the command line uses too. */
export const methods: Handlers = {
  summarizeData: async ({ folder }) => {
    const { layout, classes, notes, nested } = await summarizeImages(folder);
    // A folder that holds nothing but the folder of the classes is that one.
    const directory =
      layout.kind === 'folder' ? layout.directory : layout.kind === 'split' ? path.dirname(layout.train) : folder;
    return { directory: path.resolve(directory), layout: layout.kind, classes, notes, nested };
  },
  listBases,
  describeBase: ({ base }) => describeBaseOption(base),
  scriptText,
  describeModel: ({ file }) => describeModel(file),
  predict: ({ model, files, thumbnails }) => predictFiles(model, files, thumbnails === undefined ? {} : { thumbnails }),
  evaluate: async ({ model, data }) => {
    const { images, metrics, classes, perClass, confusion, skipped } = await evaluateModel(
      await loadModel(model),
      data,
    );
    return { images, metrics, classes, perClass, confusion, skipped };
  },
  exportModel: ({ model, to, out }) => exportModel(model, to, out),
  checkEnvironment: ({ folder }) => checkEnvironment(folder),
};
