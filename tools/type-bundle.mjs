// One file of types each for graftjs with TensorFlow.js inside, and for Node. Node's stays a package of its own, because that of a
// workspace comes first where there is one.
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';

import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import ts from 'typescript';

import { entry, root } from './declarations.mjs';

const nodeTypes = path.join(root, 'node_modules/@types/node');

/** All that a script can import from graftjs, TensorFlow.js's types inside. */
export async function graftTypes() {
  const text = documentConstants(joinAugmentations(await flattened(entry)));
  return `/// <reference types="node" />\n// Contains types of TensorFlow.js: Copyright Google LLC, Apache License 2.0.\n${text}`;
}

/** Node's types; what they take from undici inside. */
export async function typesOfNode() {
  const undici = await flattened(path.join(root, 'node_modules/undici-types/index.d.ts'));
  const modules = `declare module 'undici-types' {\n${undici.replaceAll(/^(export )?declare /gm, '$1')}\n}\n`;
  return `${readFileSync(path.join(nodeTypes, 'LICENSE'), 'utf8').replaceAll(/^/gm, '// ')}\n${nodeFiles('index.d.ts').join('\n')}\n${modules}`;
}

async function flattened(input) {
  const compilerOptions = { ignoreDeprecations: '6.0', skipLibCheck: true, types: ['node'] };
  const bundle = await rollup({
    input,
    external: (name) => isBuiltin(name),
    plugins: [dts({ respectExternal: true, compilerOptions })],
    onwarn(warning) {
      // joinAugmentations does what it could not; what a file imports in vain is no fault of ours.
      if (!/augments names/.test(warning.message) && warning.code !== 'UNUSED_EXTERNAL_IMPORT')
        console.warn(warning.message);
    },
  });
  const { output } = await bundle.generate({ format: 'es' });
  await bundle.close();
  return output[0].code
    .replaceAll(/\/\*\*\s*\n \* @license[\s\S]*?\*\/\n/g, '')
    .replaceAll(/^\/\/\/ <(amd-module|reference) .*\n/gm, '');
}

/** A file of TensorFlow.js adds methods to a class of another one: in one file, an interface of that name does. */
function joinAugmentations(text) {
  const source = ts.createSourceFile('graftjs.d.ts', text, ts.ScriptTarget.Latest, true);
  let joined = text;
  for (const statement of [...source.statements].reverse()) {
    const isRelative = ts.isModuleDeclaration(statement) && ts.isStringLiteral(statement.name);
    if (!isRelative || !statement.name.text.startsWith('.')) continue;
    const body = statement.body.statements.map((inner) => inner.getText()).join('\n');
    joined = joined.slice(0, statement.getStart()) + body + joined.slice(statement.end);
  }
  return joined;
}

/** A constant that is exported in a namespace stands there under another name, which what is written above it belongs to as well. */
function documentConstants(text) {
  const documented = text.matchAll(/(\/\*\*(?:[^*]|\*(?!\/))*\*\/\n)declare const (\w+):/g);
  const above = new Map(Array.from(documented, ([, comment, name]) => [name, comment]));
  return text.replaceAll(
    /^declare const index_d\w*?_(\w+): typeof \1;$/gm,
    (line, name) => `${above.get(name) ?? ''}${line}`,
  );
}

/** A file and those that it refers to, in their order. */
function nodeFiles(name) {
  const text = readFileSync(path.join(nodeTypes, name), 'utf8');
  const references = [...text.matchAll(/^\/\/\/ <reference path="([^"]+)" \/>/gm)].map(([, file]) =>
    path.posix.join(path.posix.dirname(name), file),
  );
  const rest = text.replaceAll(/^\/\/\/ <reference path=.*\n/gm, '');
  // A module that declares globals: inside a module with a name it still does.
  const isModule = /^(import|export) /m.test(rest);
  const own = isModule
    ? `declare module '@types/node/${name}' {\n${rest.replaceAll(/^declare global/gm, 'global')}\n}`
    : rest;
  return [...references.flatMap(nodeFiles), own];
}
