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

const l10n = { t: (text, ...values) => text.replaceAll(/\{(\d)\}/g, (_, i) => String(values[Number(i)])) };

module.exports = { CancellationError, EventEmitter, l10n };
