import * as vscode from 'vscode';

import { label } from '../../words/index.js';
import { shownItems } from '../window.js';

export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

/** Thrown inside a step to go back to the one before. */
export const back = Symbol('back');

interface StepOptions<T> {
  readonly title: string;
  readonly step: number;
  readonly total: number;
  readonly placeholder: string;
  /** May take a while: the step shows that it is busy. */
  readonly items: Promise<readonly Choice<T>[]>;
  readonly active?: (choice: Choice<T>) => boolean;
}

/** One step of several: what was picked, `back`, or undefined when the user leaves. */
export async function pickStep<T>(options: StepOptions<T>): Promise<T | typeof back | undefined> {
  const pick = vscode.window.createQuickPick<Choice<T>>();
  pick.title = label(options.title);
  pick.step = options.step;
  pick.totalSteps = options.total;
  pick.placeholder = label(options.placeholder);
  pick.matchOnDescription = true;
  pick.ignoreFocusOut = true;
  pick.buttons = options.step > 1 ? [vscode.QuickInputButtons.Back] : [];
  pick.busy = true;
  try {
    return await new Promise<T | typeof back | undefined>((resolve, reject) => {
      pick.onDidAccept(() => {
        const [chosen] = pick.selectedItems;
        if (chosen !== undefined) resolve(chosen.value);
      });
      pick.onDidTriggerButton(() => {
        resolve(back);
      });
      pick.onDidHide(() => {
        resolve(undefined);
      });
      pick.show();
      options.items.then((items) => {
        pick.items = shownItems(items);
        pick.busy = false;
        const active = pick.items.find((item) => options.active?.(item) === true);
        if (active !== undefined) pick.activeItems = [active];
      }, reject);
    });
  } finally {
    pick.dispose();
  }
}

/** As `pickStep`, for a text. */
export async function inputStep(options: {
  readonly title: string;
  readonly step: number;
  readonly total: number;
  readonly prompt: string;
  readonly value: string;
  readonly check: (value: string) => string | undefined;
}): Promise<string | typeof back | undefined> {
  const input = vscode.window.createInputBox();
  input.title = label(options.title);
  input.step = options.step;
  input.totalSteps = options.total;
  input.prompt = label(options.prompt);
  input.value = options.value;
  input.ignoreFocusOut = true;
  input.buttons = options.step > 1 ? [vscode.QuickInputButtons.Back] : [];
  try {
    return await new Promise<string | typeof back | undefined>((resolve) => {
      const check = () => {
        const problem = options.check(input.value);
        input.validationMessage = problem === undefined ? undefined : label(problem);
      };
      input.onDidChangeValue(check);
      input.onDidAccept(() => {
        if (options.check(input.value) === undefined) resolve(input.value.trim());
      });
      input.onDidTriggerButton(() => {
        resolve(back);
      });
      input.onDidHide(() => {
        resolve(undefined);
      });
      check();
      input.show();
    });
  } finally {
    input.dispose();
  }
}
