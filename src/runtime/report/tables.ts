import { html, numbersOf, translator, type Html } from '../../words/index.js';

/** Reports are in English. */
export const t = translator({});
export const numbers = numbersOf('en');

export function htmlTable(head: readonly string[], rows: readonly (readonly string[])[], left = false): Html {
  const body = rows.map(
    (row) =>
      html`<tr>${row.map((cell, i) => html`<td${i === 0 || left ? html` class="left"` : ''}>${cell}</td>`)}</tr>`,
  );
  return html`<div class="scroll"><table><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr>${body}</table></div>`;
}
