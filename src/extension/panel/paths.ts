import path from 'node:path';

/** Whether a file lies in a folder (or is it). */
export function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative === '' || (!relative.startsWith(`..${path.sep}`) && relative !== '..' && !path.isAbsolute(relative));
}

/** A file as people write it: relative to the folder where it is inside, with forward slashes. */
export function shownPath(folder: string, file: string): string {
  if (folder === '' || !isInside(folder, file)) return file;
  return path.relative(folder, file).replaceAll(path.sep, '/') || '.';
}

const picture = /\.(jpe?g|png|webp|gif|bmp|tiff?|avif)$/i;

/**
 * The picture that a report names, where it may be opened: in the run's data folder or the workspace. Undefined for anything
 * else: a picture inside an IDX file, or a path that climbs out.
 */
export function imageFile(directory: string, file: string, workspaceFolders: readonly string[]): string | undefined {
  const resolved = path.resolve(directory, file);
  const allowed = [directory, ...workspaceFolders].some((folder) => isInside(folder, resolved));
  return allowed && picture.test(resolved) ? resolved : undefined;
}
