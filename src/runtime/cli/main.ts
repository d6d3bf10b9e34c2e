#!/usr/bin/env node
// Commands import what they need when they run: `graft train` and `graft runs` start without TensorFlow.js.
import { Command, CommanderError } from 'commander';

import { exitCode, GraftError, messageOf } from '../errors.js';
import { describeSystemError } from '../files.js';
import { processIo } from './io.js';
import { registerDoctor } from './doctor.js';
import { registerFindLearningRate } from './find-learning-rate.js';
import { registerNew } from './new.js';
import { registerProve } from './prove.js';
import { registerQuickstart } from './quickstart.js';
import { registerReport } from './report.js';
import { registerRuns } from './train.js';
import { registerUse } from './use.js';

const program = new Command('graft')
  .description('Transfer learning: a folder of labelled pictures becomes a trained model.')
  .exitOverride()
  .showSuggestionAfterError();

registerNew(program, processIo);
registerRuns(program, processIo);
registerUse(program, processIo);
registerProve(program, processIo);
registerFindLearningRate(program, processIo);
registerReport(program, processIo);
registerDoctor(program, processIo);
registerQuickstart(program, processIo);

try {
  await program.parseAsync();
} catch (thrown) {
  const error = describeSystemError(thrown);
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCode.done : exitCode.usage;
  else {
    process.stderr.write(error instanceof GraftError ? `${error.message} ${error.action}\n` : `${messageOf(error)}\n`);
    if (!(error instanceof GraftError) && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
    process.exitCode = exitCode.failed;
  }
}
