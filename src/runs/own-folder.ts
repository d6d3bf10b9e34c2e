import { lstatSync, mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A socket's path may have 104 bytes on some systems, its end included. */
const longestPath = 100;
const longestName = '/0123456789abcdef.sock'.length;

/**
 * The folder where this user's training processes say who they are and listen: nobody else can write there, so what lies in it can
 * be believed, unlike a workspace. Made where it is missing.
 *
 * @returns undefined where there is none that is ours alone.
 */
export function makeOwnFolder(): string | undefined {
  for (const folder of candidates()) {
    try {
      mkdirSync(folder, { mode: 0o700 });
    } catch {
      // It is there, or cannot be made.
    }
    if (isOurs(folder)) return folder;
  }
  return undefined;
}

/** Where such folders may be; another process may have found another environment. Only those that are there and ours. */
export function ownFolders(): readonly string[] {
  return candidates().filter(isOurs);
}

function candidates(): readonly string[] {
  const uid = process.getuid?.();
  if (uid === undefined) return [path.join(os.tmpdir(), 'graft-runs')];
  // What the system makes for this user alone, and, as anybody can write there, a name of our own in what is for all.
  const runtime = [process.env['XDG_RUNTIME_DIR'] ?? '', `/run/user/${uid}`];
  const ours = runtime.filter((folder) => path.isAbsolute(folder) && isOurs(folder));
  const all = [
    ...ours.map((folder) => path.join(folder, 'graft')),
    // A relative one would lie in whatever workspace this process is in.
    ...[os.tmpdir(), '/tmp']
      .filter((folder) => path.isAbsolute(folder))
      .map((folder) => path.join(folder, `graft-${uid}`)),
  ];
  return [...new Set(all)].filter((folder) => Buffer.byteLength(folder) + longestName <= longestPath);
}

/** A folder, not a link to one, that belongs to us and that nobody else can look into. */
function isOurs(folder: string): boolean {
  try {
    const entry = lstatSync(folder);
    if (!entry.isDirectory()) return false;
    // Windows: the temporary folder is in the user's profile, which others cannot write.
    return process.getuid === undefined || (entry.uid === process.getuid() && (entry.mode & 0o777) === 0o700);
  } catch {
    return false;
  }
}
