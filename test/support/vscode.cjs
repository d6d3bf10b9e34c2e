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

const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };

const env = { language: 'en' };

const nothing = () => ({ dispose: () => undefined });
class Disposable {
  static from = nothing;
}

/** Tests put what they look at in their place. */
const commands = { executeCommand: () => Promise.resolve() };
const window = { tabGroups: { all: [], onDidChangeTabs: nothing } };
const workspace = { workspaceFolders: undefined, onDidChangeWorkspaceFolders: nothing };

module.exports = {
  ...{ Disposable, commands, window, workspace },
  ...{ CancellationError, EventEmitter, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, env, l10n },
};
