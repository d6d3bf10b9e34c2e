import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

/**
 * The graft.json of a folder with a changed file in it, as whoever changes one on purpose writes it: hashes and digest are those of what is
 * there. So what is behind the hashes is looked at too. Undefined where there is none, or it cannot be read.
 *
 * @param file relative to the workspace.
 */
export function sealed(workspace: string, file: string, bytes: Buffer): { file: string; bytes: Buffer } | undefined {
  const info = path.join(path.dirname(file), 'graft.json');
  if (!existsSync(path.join(workspace, info))) return undefined;
  const isInfo = file === info;
  try {
    const text = isInfo ? bytes.toString('utf8') : readFileSync(path.join(workspace, info), 'utf8');
    const fields = JSON.parse(text) as Record<string, unknown>;
    delete fields['digest'];
    const hashes = { ...(fields['hashes'] as Record<string, string>) };
    const key = { 'model.json': 'model', 'weights.bin': 'weights', 'examples.json': 'examples' }[path.basename(file)];
    if (key !== undefined) hashes[key] = sha256(bytes);
    const rest = isInfo ? fields : { ...fields, hashes };
    return { file: info, bytes: Buffer.from(JSON.stringify({ ...rest, digest: sha256(JSON.stringify(rest)) })) };
  } catch {
    return undefined;
  }
}
