// Commands import what they need when they run: `graft train` and `graft runs` start without TensorFlow.js.
import path from 'node:path';

import { CommanderError } from 'commander';

import { exitCode, GraftError, messageOf } from '../../common/errors.js';
import { packageFolder } from '../../common/package-folder.js';
import { readJsonFile } from '../../common/read-file.js';
import { describeSystemError } from '../../common/files.js';
import { processIo, shown, shownLines, shownMessage } from './io.js';
import { registerBases } from './bases.js';
import { registerClean } from './clean.js';
import { GraftCommand } from './command.js';
import { registerDoctor } from './doctor.js';
import { registerFindLearningRate } from './find-learning-rate.js';
import { registerNew } from './new.js';
import { registerProve } from './prove.js';
import { registerQuickstart } from './quickstart.js';
import { registerReport } from './report.js';
import { registerRuns } from './train.js';
import { registerUse } from './use.js';

/** The version of the package that this is a part of. */
async function version(): Promise<string> {
  const manifest = await readJsonFile(path.join(packageFolder(), 'package.json'));
  return (manifest as { version: string }).version;
}

/** Ours are sentences for the user, which Node would print with its process's number and advice for developers. */
const byNode = process.listeners('warning');
process.removeAllListeners('warning').on('warning', (warning) => {
  if (warning.name === 'Graft') processIo.error(shown`Note: ${shownLines(warning.message)}\n`);
  else for (const listener of byNode) listener(warning);
});

const program = new GraftCommand('graft')
  .description('Transfer learning: a folder of labelled pictures becomes a trained model.')
  .version(await version(), '-v, --version')
  .exitOverride()
  // What it says quotes the words it was given, which a shell may have taken from the names of files.
  .configureOutput({
    writeOut: (text) => {
      processIo.out(shownLines(text, Infinity));
    },
    writeErr: (text) => {
      processIo.error(shownLines(text, Infinity));
    },
  })
  .showSuggestionAfterError();

registerBases(program, processIo);
registerNew(program, processIo);
registerRuns(program, processIo);
registerUse(program, processIo);
registerProve(program, processIo);
registerFindLearningRate(program, processIo);
registerReport(program, processIo);
registerDoctor(program, processIo);
registerQuickstart(program, processIo);
registerClean(program, processIo);

try {
  await program.parseAsync();
} catch (thrown) {
  const error = describeSystemError(thrown);
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCode.done : exitCode.usage;
  else {
    const { error: say } = processIo;
    if (error instanceof GraftError) say(shown`${shownMessage(error)}\n`);
    else {
      say(shown`${shownLines(messageOf(error))}\n`);
      if (error instanceof Error) say(shown`${shownLines(error.stack ?? '', 20_000)}\n`);
    }
    process.exitCode = exitCode.failed;
  }
}
