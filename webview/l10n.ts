import { translator, type Bundle } from '../src/words/index.js';

/** The host writes the texts of the user's language into the page (`panel/html.ts`). */
const bundle = JSON.parse(document.getElementById('texts')?.textContent ?? '{}') as Bundle;

export const t = translator(bundle);
