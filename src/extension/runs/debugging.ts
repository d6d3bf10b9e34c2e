import * as vscode from 'vscode';

/** The little of the debug adapter protocol that says whether a program moves. */
interface Message {
  readonly type?: string;
  readonly event?: string;
  readonly command?: string;
  readonly success?: boolean;
}
const goes = new Set(['continue', 'next', 'stepIn', 'stepOut']);

interface Debugged {
  readonly session?: vscode.DebugSession;
  readonly halted: boolean;
}

/** Runs under this window's debugger: whether each goes, or is halted at a breakpoint. */
export class Debugging implements vscode.Disposable {
  /** By the run's folder. One that is added has no session until the debugger has started it. */
  readonly #runs = new Map<string, Debugged>();
  readonly #disposables: vscode.Disposable[];

  constructor(private readonly changed: () => void) {
    const tracker: vscode.DebugAdapterTrackerFactory = {
      createDebugAdapterTracker: (session) => {
        const folder = this.#folderOf(session);
        return folder === undefined
          ? undefined
          : {
              onDidSendMessage: (message: Message) => {
                this.#follow(folder, message);
              },
            };
      },
    };
    this.#disposables = [
      ...['node', 'pwa-node'].map((type) => vscode.debug.registerDebugAdapterTrackerFactory(type, tracker)),
      vscode.debug.onDidStartDebugSession((session) => {
        const folder = this.#folderOf(session);
        // On a busy machine it may be told after the program has halted.
        if (folder !== undefined)
          this.#set(folder, { halted: false, ...this.#runs.get(folder), session: root(session) });
      }),
      vscode.debug.onDidTerminateDebugSession((session) => {
        const folder = this.#folderOf(session);
        if (folder === undefined || this.#runs.get(folder)?.session !== session) return;
        this.#runs.delete(folder);
        this.changed();
      }),
    ];
  }

  /** A run in this folder is about to be started by the debugger. */
  add(folder: string): void {
    this.#runs.set(folder, { halted: false });
  }

  remove(folder: string): void {
    this.#runs.delete(folder);
  }

  has(folder: string): boolean {
    return this.#runs.has(folder);
  }

  stateOf(folder: string): 'going' | 'halted' | undefined {
    const run = this.#runs.get(folder);
    return run === undefined ? undefined : run.halted ? 'halted' : 'going';
  }

  /** Ends the session of a run that is halted, as the debugger's own Stop does. Whether there was one. */
  async stopHalted(folder: string): Promise<boolean> {
    const run = this.#runs.get(folder);
    if (run?.session === undefined || !run.halted) return false;
    await vscode.debug.stopDebugging(run.session);
    return true;
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #follow(folder: string, { type, event, command, success }: Message): void {
    const run = this.#runs.get(folder);
    if (run === undefined) return;
    if (event === 'stopped') this.#set(folder, { ...run, halted: true });
    else if (event === 'continued' || (type === 'response' && success === true && goes.has(command ?? '')))
      this.#set(folder, { ...run, halted: false });
  }

  #set(folder: string, run: Debugged): void {
    const before = this.stateOf(folder);
    this.#runs.set(folder, run);
    if (before !== this.stateOf(folder)) this.changed();
  }

  /** The debugger starts a session of its own inside ours: the arguments of the outermost one name the run's folder. */
  #folderOf(session: vscode.DebugSession): string | undefined {
    const { args } = root(session).configuration as { readonly args?: unknown };
    return Array.isArray(args) ? [...this.#runs.keys()].find((folder) => args.includes(folder)) : undefined;
  }
}

function root(session: vscode.DebugSession): vscode.DebugSession {
  return session.parentSession === undefined ? session : root(session.parentSession);
}
