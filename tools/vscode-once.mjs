// What every file of the extension's bundle means by `vscode`: asked for once, as the editor answers each question with a search of its own.
const vscode = require('vscode');
export { vscode };
