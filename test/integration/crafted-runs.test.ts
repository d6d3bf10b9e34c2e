import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';

import { craftRun, goodNonce, goodReport, noPids, trap } from '../support/crafted-run.js';
import { cli, graft } from '../support/cli.js';
import { temporaryFolder } from '../support/pictures.js';
import { asUser, victim } from '../support/processes.js';

const posix = { skip: process.platform === 'win32' ? 'no named pipes in folders, links need rights' : false };
const { child, pid, lives } = victim();
after(() => child.kill('SIGKILL'));

/** An answer for people: what it was, why, what to do; no stack. */
function isSentence({ code, error, out }: { code: number | null; error: string; out: string }, what: RegExp): void {
  assert.equal(code, 1, `${out}${error}`);
  assert.match(error, what);
  assert.doesNotMatch(error, /^\s+at |node:internal|TypeError|RangeError/m);
}

test('runs that name a socket and a process: no command connects to it or signals it', async (t) => {
  const workspace = temporaryFolder();
  const listening = await trap();
  const script = path.join(workspace, 'train.ts');
  const hostile = { socket: listening.path, pid, script };
  const going = craftRun(workspace, 'going', { run: { ...hostile, nonce: goodNonce }, heartbeat: true });
  // The commands may take longer than a heartbeat counts.
  const beat = setInterval(() => {
    utimesSync(path.join(going, 'heartbeat'), new Date(), new Date());
  }, 1_000);
  t.after(() => {
    clearInterval(beat);
  });
  craftRun(workspace, 'path', { run: { ...hostile, nonce: '../../x' }, heartbeat: true });
  for (const [i, one] of noPids.entries()) craftRun(workspace, `pid-${i}`, { run: { ...hostile, pid: one } });
  const { code, out, error } = await graft(workspace, 'runs', '--json');
  assert.equal(code, 0);
  assert.deepEqual(
    (JSON.parse(out) as { id: string; status: string }[]).map(({ id, status }) => [id, status]),
    [['going', 'running']],
  );
  assert.match(error, /path is not a run: run\.json is damaged: its nonce is not what a run has there\./);
  assert.equal(error.trim().split('\n').length, 1 + noPids.length);
  isSentence(await graft(workspace, 'stop', 'going'), /Run going does not answer: no training process of yours/);
  for (const command of ['stop', 'resume', 'report'])
    isSentence(await graft(workspace, command, 'pid-0'), /pid-0 is not a run: run\.json is damaged: its pid/);
  isSentence(await graft(workspace, 'resume', 'going'), /Run going is running/);
  assert.equal(listening.connections(), 0);
  assert.ok(lives());
  listening.close();
});

test('a damaged report is named for its run, and breaks no other', async () => {
  const workspace = temporaryFolder();
  const done = [{ type: 'done', time: 1 }];
  craftRun(workspace, 'whole', { events: done, report: {} });
  const damages = {
    half: '{"metrics":',
    list: '[]',
    empty: '',
    deep: '['.repeat(200_000),
    metrics: { metrics: { accuracy: 'high' } },
    rows: { confusion: [[1]] },
    mistakes: { mistakes: 7 },
  };
  for (const [name, report] of Object.entries(damages)) craftRun(workspace, name, { events: done, report });
  const huge = craftRun(workspace, 'huge', { events: done });
  writeFileSync(path.join(huge, 'report.json'), '');
  truncateSync(path.join(huge, 'report.json'), 3_000_000_000);
  const folder = craftRun(workspace, 'folder', { events: done });
  mkdirSync(path.join(folder, 'report.json'));
  const all = [...Object.keys(damages), 'huge', 'folder'];
  const { code, out, error } = await graft(workspace, 'runs');
  assert.equal(code, 0);
  assert.match(out, /whole +done +75\.0 %/);
  for (const name of all) {
    assert.match(out, new RegExp(`${name} +done +report damaged`));
    assert.match(error, new RegExp(`The report of run ${name} is damaged: .*run the script again`));
    for (const more of [[], ['--json'], ['--html', 'r.html']])
      isSentence(
        await graft(workspace, 'report', name, ...more),
        /^The report of run \w+ is damaged: .+ Put report\.json back/,
      );
  }
  assert.doesNotMatch(error, /^\s+at /m);
  assert.equal(existsSync(path.join(workspace, 'r.html')), false);
  const rows = JSON.parse((await graft(workspace, 'runs', '--json')).out) as {
    id: string;
    metrics: unknown;
    problem?: string;
  }[];
  assert.deepEqual(rows.find(({ id }) => id === 'whole')?.metrics, goodReport().metrics);
  assert.match(
    rows.find(({ id }) => id === 'rows')?.problem ?? '',
    /it has 2 classes, but 2 rows|a row of|rows of figures/,
  );
});

test('run.json and the log may be anything, the list goes on', posix, async () => {
  const workspace = temporaryFolder();
  craftRun(workspace, 'whole', { events: [{ type: 'done', time: 1 }] });
  const place = (id: string, file: string) => {
    const there = path.join(craftRun(workspace, id), file);
    rmSync(there);
    return there;
  };
  mkdirSync(place('folder', 'run.json'));
  execFileSync('mkfifo', [place('pipe', 'run.json')]);
  symlinkSync('/dev/zero', place('device', 'run.json'));
  symlinkSync('run.json', place('loop', 'run.json'));
  const huge = place('huge', 'run.json');
  writeFileSync(huge, '');
  truncateSync(huge, 3_000_000_000);
  craftRun(workspace, 'deep', { run: '['.repeat(200_000) });
  craftRun(workspace, 'text', { run: '"run"' });
  execFileSync('mkfifo', [place('log-pipe', 'events.ndjson')]);
  symlinkSync('/dev/zero', place('log-device', 'events.ndjson'));
  const log = place('log-huge', 'events.ndjson');
  writeFileSync(log, '');
  truncateSync(log, 3_000_000_000);
  writeFileSync(path.join(workspace, '.graft', 'runs', 'file'), '');
  symlinkSync('link', path.join(workspace, '.graft', 'runs', 'link'));
  const { code, out, error } = await graft(workspace, 'runs', '--json');
  assert.equal(code, 0, error);
  assert.deepEqual(
    (JSON.parse(out) as { id: string; status: string }[]).map(({ id, status }) => `${id} ${status}`).sort(),
    ['log-device interrupted', 'log-huge interrupted', 'log-pipe interrupted', 'whole done'],
  );
  for (const name of ['folder', 'pipe', 'device', 'huge', 'deep', 'text'])
    assert.match(error, new RegExp(`${name} is not a run: `));
  assert.doesNotMatch(error, /^\s+at /m);
});

test('where the runs are may be a file, a link loop or closed: a sentence', posix, () => {
  const script = 'export {};';
  for (const [name, make, why] of [
    [
      'a file',
      (runs: string) => {
        writeFileSync(runs, '');
      },
      /ENOTDIR/,
    ],
    [
      'a loop',
      (runs: string) => {
        symlinkSync('runs', runs);
      },
      /ELOOP/,
    ],
    [
      'closed',
      (runs: string) => {
        mkdirSync(runs);
        chmodSync(runs, 0);
      },
      /EACCES/,
    ],
  ] as const) {
    const workspace = temporaryFolder();
    writeFileSync(path.join(workspace, 'train.ts'), script);
    mkdirSync(path.join(workspace, '.graft'));
    make(path.join(workspace, '.graft', 'runs'));
    const run = (...words: string[]) => asUserIn(workspace, ...words);
    const listed = run('runs');
    if (listed === undefined) continue;
    assert.equal(listed.code, 0, `${name}: ${listed.error}`);
    assert.match(listed.out, /no runs here yet/, name);
    assert.match(listed.error, /runs cannot be read: .* Runs lie in this folder: move/, name);
    assert.match(listed.error, why);
    isSentence(run('train', 'train.ts') ?? listed, /(cannot be written|Cannot write) ?.*(--run-dir|choose another)/);
  }
});

function asUserIn(workspace: string, ...words: string[]) {
  const command = asUser(process.execPath, [cli, ...words]);
  if (command === undefined) return undefined;
  const { status, stdout, stderr } = spawnSync(command[0], command[1], { cwd: workspace, encoding: 'utf8' });
  return { code: status, out: stdout, error: stderr };
}

test('a workspace and a --run-dir that cannot be written: a sentence each', posix, (t) => {
  const workspace = temporaryFolder();
  writeFileSync(
    path.join(workspace, 'train.ts'),
    "import { imageFolder } from 'graftjs';\nawait imageFolder('x', { size: [8, 8] });",
  );
  mkdirSync(path.join(workspace, 'closed'));
  chmodSync(path.join(workspace, 'closed'), 0o555);
  chmodSync(workspace, 0o555);
  t.after(() => {
    chmodSync(workspace, 0o755);
  });
  const runs = asUserIn(workspace, 'train', 'train.ts');
  if (runs === undefined) {
    t.skip('needs a user without root’s rights (unshare)');
    return;
  }
  isSentence(runs, /Cannot write .*: permission denied\. Check who owns the folder, or choose another one\./);
  for (const folder of ['closed', 'closed/run', 'train.ts', 'train.ts/run']) {
    const run = asUserIn(workspace, 'train', 'train.ts', '--run-dir', folder);
    isSentence(
      run ?? runs,
      /(permission denied\. Check who owns|cannot be written: .* choose another folder with --run-dir)/,
    );
  }
});

test('what disappears while it is needed is named, and what to do', async () => {
  const workspace = temporaryFolder();
  const tell = async (text: string) => {
    writeFileSync(path.join(workspace, 'train.mjs'), text);
    return await graft(workspace, 'train', 'train.mjs');
  };
  isSentence(
    await tell("import { readFileSync } from 'node:fs'; readFileSync('.graft/cache/0123/shard.bin');"),
    /^\.graft\/cache\/0123\/shard\.bin is not there\. Put it back, then try again; what was deleted from \.graft\/cache is made anew\. \(train\.mjs, line 1\)$/m,
  );
  isSentence(
    await tell(
      `import { rmSync } from 'node:fs'; import { setTimeout } from 'node:timers/promises';
      await setTimeout(1500); rmSync('.graft', { recursive: true });`,
    ),
    /The run's folder .* was deleted while it ran, so nothing of it is kept\. Run its script again\./,
  );
});

test(
  'too little address space: what needs it, and what to do',
  { skip: process.platform === 'linux' ? false : 'ulimit -v is Linux’s' },
  () => {
    const workspace = temporaryFolder();
    writeFileSync(path.join(workspace, 'train.mjs'), "await import('graftjs');");
    for (const [kilobytes, what] of [
      [1_400_000, /found no more memory.*ulimit -v|WebAssembly gets no memory here\. .*ulimit -v/],
      [4_000_000, /WebAssembly gets no memory here\. .*ulimit -v/],
    ] as const) {
      const command = `ulimit -v ${kilobytes}; exec "$0" "$1" train train.mjs`;
      const { status, stdout, stderr } = spawnSync('sh', ['-c', command, process.execPath, cli], {
        cwd: workspace,
        encoding: 'utf8',
      });
      isSentence({ code: status, out: stdout, error: stderr }, what);
    }
  },
);

test('resume says what it would run from outside, and runs it only when told', posix, async () => {
  const workspace = temporaryFolder();
  const elsewhere = temporaryFolder();
  const proof = path.join(elsewhere, 'ran');
  const script = path.join(elsewhere, 'train.mjs');
  writeFileSync(
    script,
    `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(proof)}, process.argv[2]);`,
  );
  symlinkSync(script, path.join(workspace, 'link.mjs'));
  const words = ['--delete', 'every thing'];
  craftRun(workspace, 'script', { run: { script, arguments: words } });
  craftRun(workspace, 'link', { run: { script: path.join(workspace, 'link.mjs'), arguments: words } });
  craftRun(workspace, 'folder', { run: { script: path.join(workspace, 'train.mjs'), workspace: elsewhere } });
  for (const id of ['script', 'link', 'folder']) {
    const said = await graft(workspace, 'resume', id);
    isSentence(
      said,
      new RegExp(`Run ${id} would run .*\\.mjs.* in .*If that is what you want: graft resume ${id} --outside`),
    );
    if (id !== 'folder') assert.match(said.error, /mjs "--delete" "every thing" in /);
  }
  assert.equal(existsSync(proof), false);
  await graft(workspace, 'resume', 'script', '--outside');
  assert.equal(readFileSync(proof, 'utf8'), '--delete');
});

test('a report shows no script and no picture from elsewhere', posix, async () => {
  const workspace = temporaryFolder();
  const secret = path.join(temporaryFolder(), 'secret.txt');
  writeFileSync(secret, 'PRIVATE');
  const data = { type: 'data', time: 1, directory: '/', classes: [], duplicates: 0, skipped: [] };
  craftRun(workspace, 'r', { run: { script: secret }, events: [data, { type: 'done', time: 1 }], report: {} });
  assert.equal((await graft(workspace, 'report', 'r', '--html', 'r.html')).code, 0);
  assert.doesNotMatch(readFileSync(path.join(workspace, 'r.html'), 'utf8'), /PRIVATE|<img/);
});

test('a folder of a run is not written through its links', posix, async () => {
  const workspace = temporaryFolder();
  const outside = temporaryFolder();
  writeFileSync(path.join(workspace, 'train.mjs'), 'console.log("said");');
  for (const name of ['output.log', 'events.ndjson', 'reserve', 'room', 'heartbeat']) {
    const target = path.join(outside, name);
    writeFileSync(target, 'mine');
    const folder = craftRun(workspace, name, { run: { script: path.join(workspace, 'train.mjs') } });
    rmSync(path.join(folder, name), { force: true });
    symlinkSync(target, path.join(folder, name));
    const { error } = await graft(workspace, 'resume', name);
    assert.equal(readFileSync(target, 'utf8'), 'mine', name);
    assert.doesNotMatch(error, /^\s+at .*(cli|train)\.js/m);
  }
});

test('what killed runs have left is cleared by the next one; what is not theirs stays', posix, async () => {
  const workspace = temporaryFolder();
  const outside = temporaryFolder();
  writeFileSync(path.join(workspace, 'train.mjs'), '');
  const killed = craftRun(workspace, 'killed');
  const left = ['room', 'reserve', 'run.json.77.0123abcd.tmp', 'checkpoints/0.safetensors.77.0123abcd.tmp'];
  const kept = ['notes.tmp', 'checkpoints/0.safetensors', 'output.log'];
  for (const name of [...left, ...kept]) writeFileSync(path.join(killed, name), '');
  mkdirSync(path.join(killed, 'model.0123abcd.tmp'));
  const going = craftRun(workspace, 'going', { run: { pid }, heartbeat: true });
  const linked = craftRun(outside, 'linked');
  symlinkSync(linked, path.join(workspace, '.graft', 'runs', 'linked'));
  const others = [going, linked].flatMap((folder) =>
    ['reserve', 'checkpoints/0.safetensors.77.0123abcd.tmp'].map((name) => path.join(folder, name)),
  );
  for (const file of others) writeFileSync(file, '');
  await graft(workspace, 'train', 'train.mjs');
  assert.deepEqual(readdirSync(killed).sort(), ['checkpoints', 'events.ndjson', 'notes.tmp', 'output.log', 'run.json']);
  assert.deepEqual(readdirSync(path.join(killed, 'checkpoints')), ['0.safetensors']);
  for (const file of others) assert.ok(existsSync(file), file);
});
