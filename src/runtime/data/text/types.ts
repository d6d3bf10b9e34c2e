import type { Task } from '../../../protocol/index.js';
import type { Example } from '../example.js';
import type { Found, FoundData } from '../found-data.js';
import type { DataReport, Dataset } from '../types.js';
import type { TextForm, TextSource } from './form.js';

/** A text that can be used. */
export type FoundText = Found<TextSource>;

/** What a reader of texts found. */
export type FoundTexts<T extends Task = Task> = FoundData<T, FoundText>;

/** One labelled text. */
export type TextExample<T extends Task = 'classification'> = Example<T, TextSource>;

export interface TextDataset<T extends Task = 'classification'> extends Dataset<T, TextSource>, TextForm {
  readonly report: TextReport;
}

export interface TextReport extends DataReport {
  /** Characters of a text. */
  readonly lengths: { readonly min: number; readonly median: number; readonly max: number };
}
