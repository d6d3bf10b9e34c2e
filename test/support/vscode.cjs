// The little of `vscode` that the extension's logic needs outside an editor. What is missing is undefined: a test that
// would need more belongs into test/e2e.
class CancellationError extends Error {}

class EventEmitter {
  listeners = new Set();
  event = (listener) => {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  };
  fire(value) {
    for (const listener of [...this.listeners]) listener(value);
  }
  dispose() {
    this.listeners.clear();
  }
}

/** A test of another language sets `bundle`. */
const l10n = {
  bundle: undefined,
  t: (text, ...values) =>
    (l10n.bundle?.[text] ?? text).replaceAll(/\{(\d+)\}/g, (_, index) => String(values[Number(index)])),
};

class ThemeColor {
  constructor(id) {
    this.id = id;
  }
}

class ThemeIcon {
  constructor(id, color) {
    Object.assign(this, { id, color });
  }
}

class TreeItem {
  constructor(label, collapsibleState) {
    Object.assign(this, { label, collapsibleState });
  }
}

class CodeLens {
  constructor(range, command) {
    Object.assign(this, { range, command });
  }
}

class Disposable {
  static from = () => new Disposable();
  dispose() {}
}

class Range {
  constructor(...numbers) {
    this.numbers = numbers;
  }
}

const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };

const env = { language: 'en' };
const nothing = () => ({ dispose: () => undefined });

/** What the editor was asked to show; a test reads and empties it. Nobody answers. */
const asked = [];
const ask =
  (what) =>
  async (...values) => {
    asked.push({ what, values: await Promise.all(values) });
    return undefined;
  };
const questions = ['showInformationMessage', 'showWarningMessage', 'showErrorMessage', 'showQuickPick', 'withProgress'];
const window = {
  asked,
  ...Object.fromEntries(questions.map((name) => [name, ask(name)])),
  tabGroups: { all: [], activeTabGroup: { activeTab: undefined }, onDidChangeTabs: nothing },
  setStatusBarMessage: (text) => asked.push({ what: 'setStatusBarMessage', values: [text] }),
};
const ProgressLocation = { Notification: 15, Window: 10 };
/** Tests put what they look at in the place of these. */
const debug = {
  registerDebugAdapterTrackerFactory: nothing,
  onDidStartDebugSession: nothing,
  onDidTerminateDebugSession: nothing,
};
const commands = { executeCommand: () => Promise.resolve() };
const workspace = { isTrusted: true, workspaceFolders: undefined, onDidChangeWorkspaceFolders: nothing };
class Diagnostic {
  constructor(range, message, severity) {
    Object.assign(this, { range, message, severity });
  }
}
const DiagnosticSeverity = { Error: 0 };
/** A test puts into these what it needs. */
const languages = {};
class Uri {}

module.exports = {
  ...{
    CancellationError,
    CodeLens,
    Diagnostic,
    DiagnosticSeverity,
    Disposable,
    EventEmitter,
    ProgressLocation,
    QuickPickItemKind: { Separator: -1, Default: 0 },
    Range,
    ThemeColor,
    ThemeIcon,
    TreeItem,
    TreeItemCollapsibleState,
    Uri,
  },
  ...{ commands, debug, env, l10n, languages, window, workspace },
};
