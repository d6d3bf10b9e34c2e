/** How files of one text each end. */
export const textExtensions: ReadonlySet<string> = new Set(['.txt', '.md']);
