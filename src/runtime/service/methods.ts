import path from 'node:path';

import type { ServiceMethod, ServiceMethods } from '../../protocol/index.js';
import { summarizeData } from '../data/index.js';
import { checkEnvironment } from '../doctor.js';
import { evaluateModel } from '../evaluate/evaluate-model.js';
import { exportModel } from '../export/export-model.js';
import { ModelKeeper } from '../export/open-model.js';
import { predictWith } from '../export/predict-files.js';
import { withModel } from '../export/saved-model.js';
import { describeBase, listSavedModels } from '../scaffold/describe-base.js';
import { listBases } from '../scaffold/known-options.js';
import { scriptText } from '../scaffold/script.js';
import { describeModel } from './describe-model.js';
import { thumbnailsOf } from './thumbnails.js';

/** `signal`: the caller no longer waits; what goes on for long looks at it. */
type Handler<Method extends ServiceMethod> = (
  request: ServiceMethods[Method]['request'],
  signal: AbortSignal,
) => Promise<ServiceMethods[Method]['reply']>;

/** The model that pictures are given to. */
const tried = new ModelKeeper();

/** What the editor may ask, each answered by the function that the command line uses too. */
export const methods: { readonly [Method in ServiceMethod]: Handler<Method> } = {
  summarizeData: async ({ folder }) => {
    const { layout, tasks, classes, numbers, count, notes, nested } = await summarizeData(folder);
    // A folder that holds nothing but the folder of the classes is that one.
    const directory =
      layout.kind === 'folder' ? layout.directory : layout.kind === 'split' ? path.dirname(layout.train) : folder;
    return {
      directory: path.resolve(directory),
      layout: layout.kind,
      tasks,
      classes,
      pictures: count,
      notes,
      nested,
      ...(numbers && { numbers }),
    };
  },
  listBases: async ({ workspace }) => [
    ...(await listBases()),
    ...(workspace === undefined ? [] : await listSavedModels(workspace)),
  ],
  describeBase: ({ base }) => describeBase(base),
  scriptText: (request) => scriptText(request),
  describeModel: ({ file }) => describeModel(file),
  predict: ({ model, files, thumbnails }, signal) =>
    tried.use(model, (opened) => predictWith(opened, files, { thumbnails, signal })),
  thumbnails: ({ files, side, whole }) => thumbnailsOf(files, side, whole),
  evaluate: ({ model, data }, signal) => withModel(model, (trained) => evaluateModel(trained, data, signal)),
  exportModel: ({ model, to, out, force }, signal) => exportModel(model, to, out, { force, signal }),
  checkEnvironment: ({ folder }) => checkEnvironment(folder),
};
