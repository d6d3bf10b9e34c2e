import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

// TypeScript's server as VS Code starts it, with the plugin that the extension contributes, on a folder that holds nothing else.
let server: ChildProcess;
const workspace = mkdtempSync(path.join(tmpdir(), 'graft-types-'));
/** The plugin where nothing of this repository's node_modules can be found from it: as it is installed. */
const installed = mkdtempSync(path.join(tmpdir(), 'graft-plugin-'));
const replies = new Map<number, (body: unknown) => void>();
let sequence = 0;

interface Diagnostic {
  readonly text: string;
  readonly category: string;
}

before(() => {
  const plugin = path.join(installed, 'node_modules/graft-typescript-plugin');
  cpSync('typescript-plugin/dist', path.join(plugin, 'dist'), { recursive: true });
  cpSync('typescript-plugin/package.json', path.join(plugin, 'package.json'));
  server = spawn(process.execPath, [
    path.resolve('node_modules/typescript/lib/tsserver.js'),
    '--globalPlugins',
    'graft-typescript-plugin',
    '--pluginProbeLocations',
    installed,
    '--disableAutomaticTypingAcquisition',
  ]);
  assert(server.stdout);
  createInterface({ input: server.stdout }).on('line', (line) => {
    if (!line.startsWith('{')) return;
    const message = JSON.parse(line) as { type: string; request_seq?: number; body?: unknown };
    if (message.type === 'response') replies.get(message.request_seq ?? -1)?.(message.body ?? []);
  });
  // What VS Code tells the server about files that no tsconfig.json covers.
  send('compilerOptionsForInferredProjects', {
    options: { module: 'ESNext', moduleResolution: 'Bundler', target: 'ES2022', strict: true, allowJs: true },
  });
});

after(() => {
  server.kill();
  for (const folder of [workspace, installed]) rmSync(folder, { recursive: true });
});

for (const template of ['fine-tune.ts', 'feature-extraction.ts']) {
  test(`${template} shows no problem in a folder without node_modules and tsconfig.json`, async () => {
    const started = performance.now();
    assert.deepEqual(await problems(template, readFileSync(path.join('templates/image', template), 'utf8')), []);
    assert(performance.now() - started < 20_000);
  });
}

test('test sets, groups and columns are known, and misspelt ones are not', async () => {
  const text = `import { imageCsv, imageFolder } from 'graftjs';
const data = await imageFolder({ train: 'a', test: 'b' }, { size: [8, 8], test: 0.1, group: /^(patient\\d+)_/ });
const table = await imageCsv('a.csv', { size: [8, 8], columns: { path: 'image_id', label: 2, group: 'patient' }, encoding: 'utf-8' });
console.log(data.test.length, table.report.notes, table.report.nearDuplicates);
`;
  assert.deepEqual(await problems('data.ts', text), []);
  const [wrong] = await problems('wrong.ts', text.replace('label: 2', 'lable: 2'));
  assert.match(wrong ?? '', /lable/);
});

test('the types are one file for graftjs with TensorFlow.js inside, and one for Node', () => {
  const files = readdirSync('typescript-plugin/dist', { recursive: true, encoding: 'utf8' });
  assert.deepEqual(files.filter((file) => file.endsWith('.d.ts')).sort(), [
    path.join('types', 'graftjs.d.ts'),
    path.join('types', 'node_modules', '@types', 'node', 'index.d.ts'),
  ]);
});

test('a tensor has its methods, and what they return', async () => {
  const text = `import { tf } from 'graftjs';
const sum: tf.Tensor = tf.tensor1d([1, 2]).add(1).square().sum();
const wrong: string = tf.tensor1d([1]).mul(2);
export { sum, wrong };
`;
  assert.deepEqual(await problems('tensor.ts', text), ["Type 'Tensor<Rank>' is not assignable to type 'string'."]);
});

test("Node's globals and modules are known", async () => {
  const text = `import { readFile } from 'node:fs/promises';
import { imageFolder } from 'graftjs';
console.log(process.argv[2], await readFile('a', 'utf8'), (await imageFolder('data', { size: [8, 8] })).classes.length);
`;
  assert.deepEqual(await problems('node.ts', text), []);
});

test('a wrong call is shown: the types are there, not any', async () => {
  const text = `import { fit, imageFolder, tf, nothing } from 'graftjs';
const data = await imageFolder(7, { size: [8, 8] });
const units: string = data.classes.length;
tf.layers.dense({ unit: 3 });
fit();
`;
  const found = await problems('wrong.ts', text);
  assert.equal(found.length, 5, found.join('\n'));
  assert.match(
    found.join('\n'),
    /no exported member 'nothing'[\s\S]*type 'number' is not assignable to parameter[\s\S]*'number' is not assignable to type 'string'[\s\S]*'unit'[\s\S]*Expected 3 arguments/,
  );
});

test('what a base is stands where it is called', async () => {
  const text = "import { applications } from 'graftjs';\nawait applications.resNet50({ includeTop: false });\n";
  assert.deepEqual(await problems('base.ts', text), []);
  const place = { file: path.join(workspace, 'base.ts'), line: 2, offset: 'await applications.res'.length };
  const { documentation } = (await ask('quickinfo', place)) as { documentation: string | { text: string }[] };
  assert.match(JSON.stringify(documentation), /ResNet50 \(He et al\. 2015\)/);
});

/** The errors and warnings of a file; suggestions are no red squiggles. */
async function problems(name: string, text: string): Promise<string[]> {
  const file = path.join(workspace, name);
  writeFileSync(file, text);
  send('open', { file, fileContent: text, projectRootPath: workspace });
  const syntax = (await ask('syntacticDiagnosticsSync', { file })) as readonly Diagnostic[];
  const semantic = (await ask('semanticDiagnosticsSync', { file })) as readonly Diagnostic[];
  return [...syntax, ...semantic].filter(({ category }) => category !== 'suggestion').map((found) => found.text);
}

function send(command: string, options: object): number {
  server.stdin?.write(`${JSON.stringify({ seq: ++sequence, type: 'request', command, arguments: options })}\n`);
  return sequence;
}

async function ask(command: string, options: object): Promise<unknown> {
  return await new Promise((resolve) => {
    replies.set(send(command, options), resolve);
  });
}
