/**
 * The training process: opens the run, then runs the user's script in it.
 *
 * node dist/train.js RUN_FOLDER JSON (`runs/launchers/training-arguments.ts`)
 */
import path from 'node:path';
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';

import { EndOfScript, exitCode, GraftError, StoppedError } from '../../common/errors.js';
import { endRun, openCurrentRun } from '../run/current.js';
import { checkOverrides } from '../../runs/overrides.js';
import { readInfo } from '../../runs/read.js';
import type { Run } from '../run/run.js';
import { makeRandomRepeatable } from '../../common/random.js';
import { parseTrainingArguments } from './arguments.js';
import { logConsole } from './console.js';
import { cannotOpenRun, cannotWriteRun } from '../../runs/launchers/launch.js';
import { describeScriptError } from './script-error.js';
import { nothingTrained } from './script-file.js';

const {
  folder,
  script,
  workspace,
  engine,
  resume,
  purpose = 'train',
  overrides: given = {},
  arguments: words = [],
} = parseTrainingArguments(process.argv.slice(2));
/** A script that has trained may have more in mind; one that keeps a server or a timer would never end. */
const restMs = 10_000;
/** Into output.log alone: what a script says with `console` is in its run's log too, and that has the sentence. */
const print = console.error.bind(console);
let run: Run | undefined;
let hasEnded = false;
const end = (error?: unknown) => {
  hasEnded = true;
  if (run === undefined) {
    console.error(error instanceof GraftError ? `${error.message} ${error.action}` : error);
    process.exit(error instanceof GraftError ? cannotOpenRun : exitCode.failed);
  }
  const failure = error instanceof EndOfScript ? undefined : error;
  if (failure !== undefined && !(failure instanceof StoppedError)) print(failure);
  try {
    process.exit(endRun(run, failure));
  } catch {
    process.exit(cannotWriteRun);
  }
};
/** A script may end its process itself: that is its end, unless something was still going on. */
process.once('exit', (code) => {
  if (run === undefined || hasEnded || code === exitCode.stopped) return;
  const isWhole = code === 0 && !run.isWorking;
  const what = `The script ended its process with code ${code}${run.isWorking ? ' while Graft was at work' : ''}.`;
  const unfinished = new GraftError(what, { action: 'Look for process.exit in it, and await what comes before.' });
  try {
    process.exitCode = endRun(run, isWhole ? (run.hasWorked ? undefined : nothingTrained(script)) : unfinished);
  } catch {
    process.exitCode = cannotWriteRun;
  }
});
const library = new URL('./index.js', import.meta.url).href;
let failed = false;
/** What fails in a function of the script that is not awaited is described too. */
const fail = (error: unknown) => {
  if (!failed) void describeScriptError(error, script, library).then(end, end);
  failed = true;
};
// A callback, for listeners are called all: TensorFlow.js has one that throws the error again, which would end the process meanwhile.
process.setUncaughtExceptionCaptureCallback(fail);
process.on('unhandledRejection', fail);

try {
  process.chdir(workspace);
  const overrides = resume ? ((await readInfo(folder)).overrides ?? {}) : given;
  checkOverrides(overrides);
  const options = { folder, script, workspace, engine, purpose, overrides };
  run = await openCurrentRun({ ...options, arguments: words, resumed: resume });
  process.argv = [process.execPath, script, ...words];
  logConsole(run);
  makeRandomRepeatable();
  register('./hooks.js', import.meta.url, { data: { library } });
  await import(pathToFileURL(path.resolve(script)).href).catch(async (error: unknown) => {
    throw await describeScriptError(error, script, library);
  });
  const opened = run;
  // It may train in a promise that it does not await: it has ended when nothing is left to do.
  process.once('beforeExit', () => {
    end(opened.hasWorked ? undefined : nothingTrained(script));
  });
  void opened.rested(restMs).then(() => {
    if (!opened.hasTrained) return;
    opened.warn(
      `The script keeps something open (${[...new Set(process.getActiveResourcesInfo())].join(', ')}): its run ends ${restMs / 1000} s after its last training.`,
      'Close what it has opened: servers, timers, connections.',
    );
    end();
  });
} catch (error) {
  end(error);
}
