// Installs VS Code's server (the npm package code-server), which runs a real extension host without a desktop:
// `node test/e2e/server.mjs` prints the folder. GRAFT_VSCODE_SERVER names another folder; a second call finds it there.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// The last line of releases for Node 20 that runs a test suite inside the host when the address asks for it.
const VERSION = '4.100.3';
const NATIVE = ['@vscode/spdlog', 'native-watchdog', 'node-pty', '@parcel/watcher'];

export const serverFolder = process.env['GRAFT_VSCODE_SERVER'] ?? path.join(tmpdir(), 'code-server');
export const serverEntry = path.join(serverFolder, 'node_modules/code-server/out/node/entry.js');

/** Why the server cannot be had on this machine, or undefined when it is installed. */
export function installServer() {
  const marker = path.join(serverFolder, 'installed.txt');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === VERSION) return undefined;
  if (process.platform === 'win32') return 'code-server does not run on Windows; use npm run test:electron';
  if (process.versions.node.split('.')[0] !== '20')
    return `code-server ${VERSION} needs Node 20, not ${process.version}`;

  const server = path.join(serverFolder, 'node_modules/code-server');
  const vscode = path.join(server, 'lib/vscode');
  mkdirSync(serverFolder, { recursive: true });
  writeFileSync(path.join(serverFolder, 'package.json'), '{ "private": true }\n');
  return (
    npm(serverFolder, 'install', `code-server@${VERSION}`) ??
    npm(vscode, 'install', '--omit=dev') ??
    npm(path.join(vscode, 'extensions'), 'install', '--omit=dev') ??
    link('node_modules', path.join(vscode, 'node_modules.asar')) ??
    rebuild(serverFolder, ['argon2'], '--build-from-source') ??
    rebuild(vscode, NATIVE) ??
    void writeFileSync(marker, VERSION)
  );
}

function npm(cwd, ...args) {
  return run(cwd, [...args, '--ignore-scripts', '--no-audit', '--no-fund']);
}

/** Builds native modules; a script that fails after the build has succeeded (node-pty's) does no harm. */
function rebuild(cwd, names, ...flags) {
  for (const name of names) {
    const problem = run(cwd, ['rebuild', name, '--ignore-scripts=false', ...flags]);
    const release = ['build/Release', 'lib/binding'].map((folder) => path.join(cwd, 'node_modules', name, folder));
    if (problem !== undefined && !release.some(holdsBinary)) return problem;
  }
  return undefined;
}

function holdsBinary(folder) {
  return existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => name.endsWith('.node'));
}

function link(target, file) {
  rmSync(file, { force: true, recursive: true });
  symlinkSync(target, file);
  return undefined;
}

function run(cwd, args) {
  // The headers lie beside Node itself: building needs no download of them.
  const nodedir = path.resolve(path.dirname(process.execPath), '..');
  const env = { ...process.env };
  if (existsSync(path.join(nodedir, 'include/node/node.h'))) env['npm_config_nodedir'] = nodedir;
  const { status, stdout, stderr, error } = spawnSync('npm', args, { cwd, env, encoding: 'utf8' });
  if (status === 0) return undefined;
  const lines = `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`.split('\n').filter((line) => /err/i.test(line));
  return `npm ${args.slice(0, 2).join(' ')} in ${cwd}: ${lines.slice(0, 8).join(' | ') || `exit code ${status}`}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problem = installServer();
  if (problem !== undefined) {
    console.error(`VS Code's server cannot be installed. ${problem}`);
    process.exit(1);
  }
  console.log(serverFolder);
}
