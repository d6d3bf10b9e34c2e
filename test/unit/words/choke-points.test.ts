import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

/** What shows text, and the only files that may ask for it: there it is escaped. */
const surfaces: readonly { readonly what: RegExp; readonly in: RegExp; readonly only: readonly string[] }[] = [
  {
    what: /\bwindow\s*(\.|\[)\s*(show(Information|Warning|Error)Message|showQuickPick|setStatusBarMessage)|\bnew vscode\.(CodeLens|TreeItem)\b/,
    in: /^src\/extension\//,
    only: ['src/extension/window.ts'],
  },
  { what: /show(Information|Warning|Error)Message/, in: /^src\/extension\//, only: ['src/extension/window.ts'] },
  {
    what: /createQuickPick|createInputBox|showInputBox/,
    in: /^src\/extension\//,
    only: ['src/extension/runs-organize.ts', 'src/extension/scaffold/steps.ts'],
  },
  { what: /window\.withProgress/, in: /^src\/extension\//, only: ['src/extension/progress.ts'] },
  { what: /createStatusBarItem/, in: /^src\/extension\//, only: ['src/extension/status.ts'] },
  { what: /MarkdownString|isTrusted\s*=|supportHtml|supportThemeIcons/, in: /^src\/extension\//, only: [] },
  { what: /markdown\.showPreview/, in: /^src\/extension\//, only: ['src/extension/documents.ts'] },
  { what: /\$\([a-z~-]+\)/, in: /^src\/extension\//, only: [] },
  {
    what: /webview\.html\s*=/,
    in: /^src\/extension\//,
    only: ['src/extension/model-editor.ts', 'src/extension/panel/index.ts'],
  },
  {
    what: /innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write/,
    in: /^(webview|src)\//,
    only: [],
  },
  { what: /process\.(stdout|stderr)\b/, in: /^src\//, only: ['src/runtime/cli/io.ts'] },
  {
    // Into a run's output.log and the extension's log; and the one sentence for an old Node, which quotes nobody.
    what: /\bconsole\.\w+\(/,
    in: /^src\//,
    only: ['src/runtime/cli/bootstrap.ts', 'src/runtime/process/train.ts', 'src/runtime/service/main.ts'],
  },
  {
    // What is taken as escaped without being so: our own style sheets and programs, and the surfaces themselves.
    what: /\bnew Escaped\(/,
    in: /^(webview|src)\//,
    only: [
      'src/extension/documents.ts',
      'src/extension/model-html.ts',
      'src/extension/panel/html.ts',
      'src/runtime/cli/io.ts',
      'src/runtime/report/html.ts',
      'src/runtime/scaffold/code.ts',
      'src/words/escape.ts',
      'src/words/surfaces.ts',
    ],
  },
];

const files = ['src', 'webview'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => path.join(folder, name).replaceAll(path.sep, '/')),
);

for (const { what, in: where, only } of surfaces) {
  test(`${what.source.slice(0, 70)} occurs where text is escaped, and nowhere else`, () => {
    const found = files.filter((file) => where.test(file) && what.test(readFileSync(file, 'utf8')));
    assert.deepEqual(found.sort(), [...only].sort());
  });
}
