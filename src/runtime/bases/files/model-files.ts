/** How model files are called that can be a base. What they are is told by their content (`model-kind.ts`). */
export const baseFileExtensions = ['.json', '.h5', '.hdf5', '.keras'] as const;

/** For people, in place of the extensions. */
export const baseFileNames = 'model.json, .h5, .keras';
/** As the end of a sentence: "Give …". */
export const aBaseFile = 'a model.json, an .h5 or a .keras file';
