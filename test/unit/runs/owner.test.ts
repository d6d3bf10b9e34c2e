import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { processState, systemProgram } from '../../../src/runs/process/identity.js';
import { isRunAlive } from '../../../src/runs/alive.js';
import { sendControl } from '../../../src/runs/control/client.js';
import { endProcess } from '../../../src/runs/end-process.js';
import { makeOwnFolder, ownFolders } from '../../../src/runs/own-folder.js';
import { claimRun, findOwner, otherOwner, type Owner } from '../../../src/runs/owner.js';
import { findRun, listRuns, readRun } from '../../../src/runs/read.js';
import { Run } from '../../../src/runtime/run/run.js';
import { craftRun, goodNonce, hostileNonces, noPids, trap } from '../../support/crafted-run.js';
import { temporaryFolder } from '../../support/pictures.js';
import { victim } from '../../support/processes.js';

const posix = { skip: process.platform === 'win32' ? 'Windows has no modes' : false };
const newNonce = () => randomBytes(8).toString('hex');
const victims: ReturnType<typeof victim>[] = [];
after(() => {
  for (const { child } of victims) child.kill('SIGKILL');
});
function held() {
  const one = victim();
  victims.push(one);
  return one;
}

/** Puts a record into our own folder, as a process would. */
async function record(folder: string, nonce: string, change: Partial<Owner>): Promise<string> {
  await claimRun(folder, nonce);
  const file = path.join(makeOwnFolder() ?? '', `${nonce}.json`);
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as Owner), ...change }));
  return file;
}

test('a run that executes is alive by its record, whatever its heartbeat says; a copy of it is not', async () => {
  const workspace = temporaryFolder();
  const nonce = newNonce();
  const folder = craftRun(workspace, 'r1', { run: { nonce, pid: process.pid } });
  await claimRun(folder, nonce);
  assert.equal(await isRunAlive(folder, { pid: process.pid, nonce }), true);
  // What run.json says of the process counts for nothing.
  assert.equal(await isRunAlive(folder, { pid: 2 ** 22 + 7, nonce }), true);
  const copy = path.join(workspace, '.graft', 'runs', 'r2');
  cpSync(folder, copy, { recursive: true });
  assert.equal(await findOwner(copy, nonce), undefined);
  assert.equal(await isRunAlive(copy, { pid: process.pid, nonce }), false, 'a copy, without a heartbeat');
});

test('without a record: alive with a fresh heartbeat and a process of that number, as older versions write it', async () => {
  const folder = temporaryFolder();
  const heartbeat = path.join(folder, 'heartbeat');
  const run = { pid: process.pid, nonce: newNonce() };
  assert.equal(await isRunAlive(folder, run), false, 'no heartbeat');
  writeFileSync(heartbeat, '');
  assert.equal(await isRunAlive(folder, run), true);
  assert.equal(await isRunAlive(folder, { ...run, pid: 2 ** 30 }), false, 'no such process');
  for (const pid of noPids) assert.equal(await isRunAlive(folder, { ...run, pid: pid as number }), false);
  if (process.platform === 'linux') {
    // Its time is always now.
    rmSync(heartbeat);
    symlinkSync('/proc/uptime', heartbeat);
    assert.equal(await isRunAlive(folder, run), false, 'a link to a clock');
    rmSync(heartbeat);
    writeFileSync(heartbeat, '');
  }
  utimesSync(heartbeat, new Date(0), new Date(0));
  assert.equal(await isRunAlive(folder, run), false, 'an old heartbeat');
  await assert.rejects(sendControl(folder, { id: 'run', ...run }, 'stop'), /no training process of yours/);
  assert.equal(await endProcess(folder, run.nonce, 'kill'), undefined);
});

test('a number that another process has got is not signalled, and its run is over', async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'heartbeat'), '');
  const { pid, lives } = held();
  for (const change of [
    { pid, identity: (await processState(process.pid))?.identity },
    { pid, identity: undefined },
    { pid, identity: '' },
    { pid: 2 ** 22 + 7 },
  ]) {
    const nonce = newNonce();
    await record(folder, nonce, change as Partial<Owner>);
    if (process.platform === 'linux')
      assert.equal(await isRunAlive(folder, { pid, nonce }), false, JSON.stringify(change));
    assert.equal(await endProcess(folder, nonce, 'terminate'), undefined);
    assert.equal(await endProcess(folder, nonce, 'kill'), undefined);
  }
  assert.ok(lives());
});

test('the process of a record, and it alone, is ended', async () => {
  const folder = temporaryFolder();
  const [{ pid, child, lives }, other] = [held(), held()];
  const nonce = newNonce();
  await record(folder, nonce, { pid, identity: (await processState(pid))?.identity ?? '' });
  assert.equal(await isRunAlive(folder, { pid, nonce }), true);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  assert.equal(await endProcess(folder, nonce, 'kill'), pid);
  await ended;
  assert.deepEqual([lives(), other.lives()], [false, true]);
  assert.equal(await isRunAlive(folder, { pid, nonce }), false);
});

test('a run that another process executes is not opened, and nothing of it is touched; one that nobody does is', async () => {
  const workspace = temporaryFolder();
  const script = path.join(workspace, 'a.ts');
  writeFileSync(script, '');
  const folder = craftRun(workspace, 'r1', { run: {} });
  const options = {
    folder,
    script,
    arguments: [],
    workspace,
    engine: 'auto',
    purpose: 'train',
    resumed: true,
  } as const;
  const [{ pid, child }, files] = [held(), readdirSync(folder)];
  const before = readFileSync(path.join(folder, 'run.json'), 'utf8');
  const identity = (await processState(pid))?.identity ?? '';
  await record(folder, newNonce(), { pid, identity });
  // Of another run, and of a process that has got its number.
  await record(temporaryFolder(), newNonce(), { pid, identity });
  assert.equal(await otherOwner(folder), pid);
  await assert.rejects(Run.open(options), {
    message: `Run r1 is running already (process ${pid}).`,
    action: 'Wait for its end, or stop it with: graft stop r1',
  });
  assert.equal(readFileSync(path.join(folder, 'run.json'), 'utf8'), before);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name !== 'checkpoints'),
    files.filter((name) => name !== 'checkpoints'),
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  assert.equal(await otherOwner(folder), undefined);
  (await Run.open(options)).log.close();
});

test(
  'records that are none are not believed, and those of ended processes are cleared by the next run',
  posix,
  async () => {
    const folder = temporaryFolder();
    const files: string[] = [];
    for (const change of [...noPids.map((pid) => ({ pid })), { folder: 7 }, { machine: undefined }]) {
      const nonce = newNonce();
      files.push(await record(folder, nonce, change as Partial<Owner>));
      assert.equal(await findOwner(folder, nonce), undefined, JSON.stringify(change));
      assert.equal(await endProcess(folder, nonce, 'kill'), undefined);
    }
    for (const file of files) utimesSync(file, new Date(0), new Date(0));
    const nonce = newNonce();
    const dead = await record(folder, nonce, { pid: 2 ** 22 + 7 });
    const socket = dead.replace(/json$/, 'sock');
    writeFileSync(socket, '');
    await claimRun(temporaryFolder(), newNonce());
    for (const file of [...files, dead, socket]) assert.equal(existsSync(file), false, file);
  },
);

for (const nonce of hostileNonces)
  test(`a nonce that is no nonce names no file: ${JSON.stringify(nonce)}`, async () => {
    assert.equal(await findOwner(temporaryFolder(), nonce as string), undefined);
    await assert.rejects(claimRun(temporaryFolder(), nonce as string), /16 hexadecimal digits/);
  });

test('our own folder is a folder, ours, and closed to others; one that is not is passed over', posix, () => {
  const runtime = path.join(temporaryFolder(), 'runtime');
  const saved = process.env['XDG_RUNTIME_DIR'];
  process.env['XDG_RUNTIME_DIR'] = runtime;
  try {
    const folder = path.join(runtime, 'graft');
    const isTaken = () => makeOwnFolder() === folder;
    assert.equal(isTaken(), false, 'no runtime folder');
    mkdirSync(runtime, { mode: 0o755 });
    chmodSync(runtime, 0o755);
    assert.equal(isTaken(), false, 'a runtime folder that others can read');
    chmodSync(runtime, 0o700);
    assert.equal(isTaken(), true);
    assert.ok(ownFolders().includes(folder));
    chmodSync(folder, 0o750);
    assert.equal(isTaken(), false, 'a folder that others can read');
    rmSync(folder, { recursive: true });
    const elsewhere = temporaryFolder();
    chmodSync(elsewhere, 0o700);
    symlinkSync(elsewhere, folder);
    assert.equal(isTaken(), false, 'a link');
    rmSync(folder);
    writeFileSync(folder, '');
    assert.equal(isTaken(), false, 'a file');
    assert.equal(ownFolders().includes(folder), false);
    process.env['XDG_RUNTIME_DIR'] = path.join(temporaryFolder(), 'x'.repeat(100));
    mkdirSync(process.env['XDG_RUNTIME_DIR'], { mode: 0o700 });
    assert.ok((makeOwnFolder() ?? '').length < 80, 'a path that is too long for a socket');
  } finally {
    if (saved === undefined) delete process.env['XDG_RUNTIME_DIR'];
    else process.env['XDG_RUNTIME_DIR'] = saved;
  }
});

test('runs that name a socket, a process or a nonce are listed without a connection or a signal', async () => {
  const workspace = temporaryFolder();
  const { pid, lives } = held();
  const listening = await trap();
  const [socket, nonce] = [listening.path, goodNonce];
  craftRun(workspace, 'names', { run: { socket, pid, nonce }, heartbeat: true });
  for (const [i, one] of noPids.entries()) craftRun(workspace, `pid-${i}`, { run: { socket, pid: one } });
  for (const [i, one] of hostileNonces.entries()) craftRun(workspace, `nonce-${i}`, { run: { socket, nonce: one } });
  const damaged: string[] = [];
  for (let i = 0; i < 5; i++) {
    const runs = await listRuns(workspace, readRun, ({ message }) => damaged.push(message));
    assert.deepEqual(
      runs.map(({ info, status }) => [info.id, status]),
      [['names', 'running']],
    );
  }
  assert.equal(damaged.length, 5 * (noPids.length + hostileNonces.length));
  assert.match(damaged[0] ?? '', /is not a run: run\.json is damaged: its (pid|nonce) is not what a run has there\.$/);
  const run = await findRun(workspace, 'names');
  await assert.rejects(
    sendControl(run.folder, run.info, 'stop'),
    /no training process of yours says that it executes it/,
  );
  assert.equal(await endProcess(run.folder, run.info.nonce, 'kill'), undefined);
  await assert.rejects(findRun(workspace, 'pid-0'), /pid-0 is not a run: run\.json is damaged/);
  assert.equal(listening.connections(), 0);
  assert.ok(lives());
  listening.close();
});

test('the folder of this machine is where the system keeps such things', posix, () => {
  const folder = makeOwnFolder() ?? '';
  const places = [process.env['XDG_RUNTIME_DIR'] ?? '', '/run/user', os.tmpdir(), '/tmp'].filter((one) => one !== '');
  assert.ok(
    places.some((place) => folder.startsWith(place)),
    folder,
  );
});

test('no folder of a workspace is taken for our own, where TMPDIR is relative', posix, () => {
  const workspace = temporaryFolder();
  mkdirSync(path.join(workspace, `graft-${process.getuid?.() ?? ''}`), { mode: 0o700 });
  const [cwd, { TMPDIR: before }] = [process.cwd(), process.env];
  process.chdir(workspace);
  process.env['TMPDIR'] = '.';
  try {
    assert.deepEqual(
      [makeOwnFolder() ?? '/', ...ownFolders()].filter((folder) => !path.isAbsolute(folder)),
      [],
    );
  } finally {
    process.chdir(cwd);
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
});

test('of many runs, only a few have files open at a time', { skip: process.platform !== 'linux' }, async () => {
  const workspace = temporaryFolder();
  for (let i = 0; i < 200; i++) craftRun(workspace, `r${i}`, { report: {} });
  const before = readdirSync('/proc/self/fd').length;
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, readdirSync('/proc/self/fd').length - before);
  });
  const listed = await listRuns(workspace, readRun);
  clearInterval(timer);
  assert.equal(listed.length, 200);
  assert.ok(most < 50, `${most} open files`);
});

test("Windows's own programs are started by their whole path: a workspace may hold one of the same name", () => {
  assert.equal(systemProgram('taskkill.exe', { SystemRoot: 'D:\\WinNT' }), 'D:\\WinNT\\System32\\taskkill.exe');
  assert.equal(systemProgram('taskkill.exe', {}), 'C:\\Windows\\System32\\taskkill.exe');
});
