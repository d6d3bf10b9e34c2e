import { Command } from 'commander';

import { nearest } from '../../common/errors.js';

/**
 * A command that says first which option it does not know: of `--dat pictures`, Commander would say that `--data` is missing.
 */
export class GraftCommand extends Command {
  override createCommand(name?: string): GraftCommand {
    return new GraftCommand(name);
  }

  override parseOptions(words: string[]): ReturnType<Command['parseOptions']> {
    const parsed = super.parseOptions(words);
    const { unknown } = parsed;
    const asksForHelp = unknown.some((word) => word === '--help' || word === '-h');
    const [flag] = unknown;
    if (flag === undefined || asksForHelp || this.commands.length > 0) return parsed;
    const guess = nearest(
      flag,
      this.options.flatMap(({ long }) => long ?? []),
    );
    this.error(`error: unknown option '${flag}'${guess === undefined ? '' : `\n(Did you mean ${guess}?)`}`, {
      code: 'commander.unknownOption',
    });
  }
}
