import { spawnSync } from 'node:child_process';

/** The files of the repository that these paths name, and nothing else that lies there. */
export function trackedFiles(root, paths) {
  const { status, stdout, stderr } = spawnSync('git', ['ls-files', '-z', '--', ...paths], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new Error(`What belongs to the repository is known to git alone, and git said: ${stderr ?? 'nothing'}`);
  return stdout.split('\0').filter((file) => file !== '');
}
