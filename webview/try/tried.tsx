import type { Prediction } from '../../src/protocol/index.js';
import { percent, quantity } from '../format.js';
import { Tokens } from '../results/tokens.js';
import { text } from '../strings.js';

const shownClasses = 5;

/** What the model said of one example: a picture beside it, or a text above its tokens. */
export function TriedExample({ prediction }: { readonly prediction: Prediction }) {
  const { file, numbers, labels, error, thumbnail, text: content, tokens = [] } = prediction;
  const classes = prediction.classes ?? labels;
  const [best] = prediction.classes ?? [];
  const said = labels === undefined ? numbersText(numbers) : labelsText(labels);
  return (
    <article class="try" aria-label={best === undefined ? (said ?? file) : text.sure(best.name, best.probability)}>
      {thumbnail === undefined ? null : <img src={`data:image/jpeg;base64,${thumbnail}`} alt={file} />}
      <div>
        <h2>{best?.name ?? said ?? file}</h2>
        {error !== undefined ? <p class="problem">{error}</p> : file === '' ? null : <p class="dim">{file}</p>}
        {content === undefined ? null : <p class="content">{content}</p>}
        <Tokens tokens={tokens} />
        {classes === undefined ? null : (
          <table>
            <tbody>
              {classes.slice(0, shownClasses).map(({ name, probability }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td class="share">
                    <div class="bar" aria-hidden="true">
                      <div style={{ width: `${100 * probability}%` }} />
                    </div>
                  </td>
                  <td>{percent(probability)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </article>
  );
}

function numbersText(numbers: Prediction['numbers']): string | undefined {
  return numbers?.map(({ name, value }) => `${name} ${quantity(value)}`).join(', ');
}

/** Those that are said; a dash where none is. */
function labelsText(labels: NonNullable<Prediction['labels']>): string {
  const said = labels.filter((one) => one.said).map(({ name }) => name);
  return said.length === 0 ? '–' : said.join(', ');
}
