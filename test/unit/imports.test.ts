import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import ts from 'typescript';

/** The folders of ARCHITECTURE.md, in its order. */
const order = [...readFileSync('ARCHITECTURE.md', 'utf8').matchAll(/^((?:src|webview)\/\S*)(?: {2,}.*)?$/gm)].flatMap(
  ([, place]) => place ?? [],
);
const sources = ['src', 'webview'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.posix.join(folder, name.replaceAll(path.sep, '/')))
    .filter((name) => /\.(tsx?|css)$/.test(name) && !name.endsWith('.d.ts')),
);
const modules = new Map(sources.filter((file) => /\.tsx?$/.test(file)).map((file) => [file, importsOf(file)]));

/** All that a file imports, as it says it: types, and what it imports when it runs, too. */
function importsOf(file: string): string[] {
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    const from =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
          ? node.argument.literal
          : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
            ? node.arguments[0]
            : undefined;
    if (from !== undefined && ts.isStringLiteralLike(from)) found.push(from.text);
    ts.forEachChild(node, look);
  };
  look(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest));
  return found;
}

/** Our own files among them. */
function ours(file: string): string[] {
  return (modules.get(file) ?? [])
    .filter((from) => from.startsWith('.'))
    .map((from) => path.posix.join(path.posix.dirname(file), from))
    .flatMap((target) => {
      const candidates = [target, target.replace(/\.js$/, '.ts'), target.replace(/\.js$/, '.tsx')];
      const found = candidates.find((candidate) => existsSync(candidate));
      assert.ok(found !== undefined, `${file} imports ${target}, which is not there`);
      return modules.has(found) ? [found] : [];
    });
}

/** The line of the list that a file belongs to: the one that says most of its path. */
function placeOf(file: string): number {
  const fits = order.filter((place) => (place.endsWith('/') ? file.startsWith(place) : file === place));
  const [most] = fits.sort((a, b) => b.length - a.length);
  assert.ok(most !== undefined, `${file} is in no folder of ARCHITECTURE.md's list`);
  return order.indexOf(most);
}

test('the list of folders is whole, and nothing of it is gone', () => {
  assert.ok(order.length > 20 && modules.size > 300, `${order.length} places, ${modules.size} files`);
  for (const place of order) assert.ok(existsSync(place), `${place} is not there`);
  for (const file of modules.keys()) placeOf(file);
});

test('no file imports one of a folder that comes later', () => {
  const back = [...modules.keys()].flatMap((file) =>
    ours(file)
      .filter((target) => placeOf(target) > placeOf(file))
      .map((target) => `${file} imports ${target}`),
  );
  assert.deepEqual(back, []);
});

test('no file is in a circle of imports, types included', () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, before: readonly string[]): void => {
    if (before.includes(file)) circles.push([...before.slice(before.indexOf(file)), file].join(' → '));
    if (done.has(file)) return;
    done.add(file);
    for (const target of ours(file)) visit(target, [...before, file]);
  };
  for (const file of modules.keys()) visit(file, []);
  assert.deepEqual(circles, []);
});

const alone: readonly { readonly what: RegExp; readonly only: RegExp }[] = [
  { what: /^vscode$/, only: /^src\/extension\// },
  { what: /^onnxruntime-/, only: /^src\/runtime\/engines\// },
  { what: /^@tensorflow\//, only: /^src\/runtime\/(tf|tf-kernels|engines\/.*)\.ts$/ },
  { what: /^@vscode\/webview-ui-toolkit/, only: /^webview\/ui\// },
  { what: /^(preact|uplot)/, only: /^webview\// },
  { what: /^(node:)?(fs|child_process|net|path|os)(\/|$)/, only: /^src\/(common|runs|runtime|extension)\// },
];
for (const { what, only } of alone) {
  test(`${what.source} is imported in ${only.source} alone`, () => {
    const importing = [...modules].filter(([, from]) => from.some((name) => what.test(name))).map(([file]) => file);
    assert.ok(importing.length > 0, 'nobody imports it');
    assert.deepEqual(
      importing.filter((file) => !only.test(file)),
      [],
    );
  });
}

test('the page knows what is said to it, and words, and nothing else of ours', () => {
  const others = [...modules.keys()]
    .filter((file) => file.startsWith('webview/'))
    .flatMap(ours)
    .filter((target) => !/^(webview|src\/protocol|src\/words)\//.test(target));
  assert.deepEqual(others, []);
});

test('the folders of tests are those of what they test', () => {
  // What is tested as a whole has no folder in src.
  const whole = ['tools', 'types'];
  const strangers = readdirSync('test/unit', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) =>
      path.posix.relative('test/unit', path.posix.join(entry.parentPath.replaceAll(path.sep, '/'), entry.name)),
    )
    .filter((folder) => !whole.includes(folder))
    .filter((folder) => ['src', 'src/runtime'].every((place) => !existsSync(path.join(place, folder))));
  assert.deepEqual(strangers, []);
});

test('a file of more than 300 lines says why', () => {
  const long = sources.filter((file) => {
    const text = readFileSync(file, 'utf8');
    return text.trimEnd().split('\n').length > 300 && !/More than 300 lines: \S+ \S+/.test(text);
  });
  assert.deepEqual(long, []);
});
