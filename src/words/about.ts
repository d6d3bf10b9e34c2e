import type { Kind } from '../protocol/index.js';
import type { Translate } from './translate.js';

/** Sentences that are written of pictures, about examples of another kind. Each has a translation of its own (`tools/l10n.mjs`). */
export function about(translate: Translate, kind: Kind = 'image'): Translate {
  if (kind === 'image') return translate;
  return (sentence, ...values) => translate(aboutTexts(sentence), ...values);
}

function aboutTexts(sentence: string): string {
  return sentence.replaceAll(/(p)icture/gi, (_, first: string) => (first === 'p' ? 'text' : capital('text')));
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
