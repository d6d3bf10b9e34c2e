/**
 * Module hooks of the training process: scripts are TypeScript, and import `graftjs` without having it installed.
 * They run in a thread of their own (https://nodejs.org/api/module.html#customization-hooks).
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { InitializeHook, LoadHook, ResolveHook } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { transform } from 'sucrase';

let library = '';

export const initialize: InitializeHook<{ library: string }> = (data) => {
  library = data.library;
};

export const resolve: ResolveHook = (specifier, context, next) => {
  if (specifier === 'graftjs') return { url: library, shortCircuit: true };
  if (specifier.startsWith('.') && context.parentURL?.startsWith('file:') === true) {
    const file = path.resolve(path.dirname(fileURLToPath(context.parentURL)), specifier);
    // As TypeScript resolves: './util' and './util.js' may both mean util.ts.
    const candidates = [file, file.replace(/\.js$/, '.ts'), `${file}.ts`, path.join(file, 'index.ts')];
    const found = candidates.find((candidate) => path.extname(candidate) === '.ts' && existsSync(candidate));
    if (found !== undefined && !(existsSync(file) && path.extname(file) !== ''))
      return { url: pathToFileURL(found).href, shortCircuit: true };
  }
  return next(specifier, context);
};

export const load: LoadHook = async (url, context, next) => {
  if (!url.startsWith('file:') || !/\.m?ts$/.test(new URL(url).pathname)) return await next(url, context);
  const file = fileURLToPath(url);
  const text = await readFile(file, 'utf8');
  // Only types are removed, and lines stay where they are: breakpoints and stack traces point into the TypeScript.
  const { code } = transform(text, {
    transforms: ['typescript'],
    disableESTransforms: true,
    preserveDynamicImport: true,
    filePath: file,
  });
  return { format: 'module', source: `${code}\n//# sourceURL=${url}\n`, shortCircuit: true };
};
