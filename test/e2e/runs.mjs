// Runs of a workspace, as they are on disk.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Folders, oldest first. */
export function runs(workspace) {
  const folder = path.join(workspace, '.graft/runs');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => path.join(folder, name))
    .filter((run) => existsSync(path.join(run, 'run.json')));
}

export function runOf(workspace, script) {
  return runs(workspace).findLast((run) => path.basename(info(run).script) === script);
}

export function info(run) {
  return JSON.parse(readFileSync(path.join(run, 'run.json'), 'utf8'));
}

export function epochs(run) {
  return readFileSync(path.join(run, 'events.ndjson'), 'utf8').split('"type":"epoch"').length - 1;
}

/** Ends a training, however it is: only a process whose command line names this run. */
export function kill(run) {
  try {
    const { pid } = info(run);
    if (commandLine(Number(pid)).includes(run)) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function commandLine(pid) {
  const script = `(Get-CimInstance Win32_Process -Filter "ProcessId=${pid}").CommandLine`;
  return process.platform === 'win32'
    ? execFileSync('powershell.exe', ['-NoProfile', '-Command', script], { encoding: 'utf8' })
    : execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
}

/** A template as a script on `data/garden`, without the marks of its slots. */
export function templateText(name) {
  const text = readFileSync(`templates/image/${name}.ts`, 'utf8');
  return text.replaceAll(/\/\*\w*\*\//g, '').replaceAll('sample/garden', 'data/garden');
}

/** A script that trains for as long as a test looks at it. */
export function writeLongScript(workspace, name, text) {
  const file = path.join(workspace, name);
  writeFileSync(
    file,
    text
      .replace(/ epochs: \d+/, ' epochs: 3000')
      .replace(/headEpochs: \d+/, 'headEpochs: 2')
      .replace(/views: \d/, 'views: 1')
      .replace(/earlyStopping: .*\n/, '\n'),
  );
  return file;
}

/** Adds a run that was recorded on pictures like those in `garden` and has ended. */
export async function addRecordedRun(workspace, garden) {
  const folder = path.join(workspace, '.graft/runs/20261124-203710-146c');
  await cp('test/fixtures/panel/fine-tuning', folder, { recursive: true });
  for (const name of ['run.json', 'events.ndjson', 'report.json']) {
    const text = await readFile(path.join(folder, name), 'utf8');
    await writeFile(path.join(folder, name), text.replaceAll('@workspace', workspace).replaceAll('@garden', garden));
  }
}
