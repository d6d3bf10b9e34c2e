/**
 * The training process: opens the run, then runs the user's script in it.
 *
 * node dist/train.js RUN_FOLDER SCRIPT WORKSPACE ENGINE new|resume [ARGUMENT…]
 */
import path from 'node:path';
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';

import { engineNames, type EngineName } from '../../protocol/index.js';
import { exitCode, GraftError, messageOf, StoppedError } from '../errors.js';
import { endRun, openCurrentRun } from '../runs/current.js';
import type { Run } from '../runs/run.js';
import { makeRandomRepeatable } from '../random.js';
import { cannotOpenRun, cannotWriteRun } from './launch.js';

const [folder = '', script = '', workspace = '', engineArgument = 'auto', mode = 'new', ...scriptArguments] =
  process.argv.slice(2);

const engine: EngineName | 'auto' = engineNames.find((name) => name === engineArgument) ?? 'auto';
let run: Run | undefined;
const end = (error?: unknown) => {
  if (run === undefined) {
    console.error(error instanceof GraftError ? `${error.message} ${error.action}` : error);
    process.exit(error instanceof GraftError ? cannotOpenRun : exitCode.failed);
  }
  if (error !== undefined && !(error instanceof StoppedError)) console.error(error);
  try {
    process.exit(endRun(run, error));
  } catch {
    process.exit(cannotWriteRun);
  }
};
process.on('uncaughtException', end);
process.on('unhandledRejection', end);

try {
  process.chdir(workspace);
  run = await openCurrentRun({
    folder,
    script,
    arguments: scriptArguments,
    workspace,
    engine,
    resumed: mode === 'resume',
  });
  process.argv = [process.execPath, script, ...scriptArguments];
  makeRandomRepeatable();
  register('./hooks.js', import.meta.url, { data: { library: new URL('./index.js', import.meta.url).href } });
  await import(pathToFileURL(path.resolve(script)).href).catch((error: unknown) => {
    throw describeScriptError(error, script);
  });
  end();
} catch (error) {
  end(error);
}

/** Errors of the script's own text name the script and the line. */
function describeScriptError(error: unknown, file: string): unknown {
  if (error instanceof SyntaxError) {
    return new GraftError(`${path.basename(file)} cannot be read: ${error.message}`, {
      action: 'Correct the script.',
      cause: error,
    });
  }
  if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
    return new GraftError(`${path.basename(file)}: ${messageOf(error)}`, {
      action: 'Correct the import, or install the package.',
      cause: error,
    });
  }
  return error;
}
