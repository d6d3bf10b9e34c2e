import { useRef, useState } from 'preact/hooks';

import type { ReportView } from '../../src/protocol/index.js';
import { count, percent } from '../format.js';
import { text } from '../strings.js';

export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** From here on the matrix has a row of the page for itself. */
export const manyClasses = 8;
const longName = 10;

/** Rows true, columns predicted. One cell takes part in the tab order; arrow keys move between them, Enter chooses. */
export function ConfusionMatrix(props: {
  readonly report: ReportView<'classification'>;
  readonly chosen: Cell | undefined;
  readonly onChoose: (cell: Cell) => void;
}) {
  const { classes, confusion } = props.report;
  const [focus, setFocus] = useState<Cell>({ row: 0, column: 0 });
  const grid = useRef<HTMLTableElement>(null);
  const move = (event: KeyboardEvent, { row, column }: Cell) => {
    const last = classes.length - 1;
    const targets: Record<string, Cell> = {
      ArrowUp: { row: row - 1, column },
      ArrowDown: { row: row + 1, column },
      ArrowLeft: { row, column: column - 1 },
      ArrowRight: { row, column: column + 1 },
      Home: { row, column: 0 },
      End: { row, column: last },
    };
    const target = Object.hasOwn(targets, event.key) ? targets[event.key] : undefined;
    if (target === undefined || target.row < 0 || target.column < 0 || target.row > last || target.column > last)
      return;
    event.preventDefault();
    setFocus(target);
    grid.current?.querySelector<HTMLElement>(`[data-cell="${target.row},${target.column}"]`)?.focus();
  };
  // Names above narrow columns stand upright, so that many columns fit.
  const upright = classes.length > 5 || classes.some((name) => name.length > longName);
  const shape = `${upright ? ' upright' : ''}${classes.length > manyClasses ? ' many' : ''}`;
  return (
    <div class="scroll matrix-holder">
      <table class={`matrix${shape}`} role="grid" ref={grid} aria-label={text.confusion}>
        <thead>
          <tr>
            <th scope="col" class="corner">
              {text.truth} ↓ {text.predicted} →
            </th>
            {classes.map((name) => (
              <th scope="col" key={name} title={name}>
                <span>{shortened(name, 16)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {confusion.map((counts, row) => {
            const total = counts.reduce((sum, n) => sum + n, 0);
            return (
              <tr key={classes[row]}>
                <th scope="row" title={classes[row]}>
                  <span>{shortened(classes[row] ?? '', 22)}</span>
                </th>
                {counts.map((n, column) => {
                  const share = total === 0 ? 0 : n / total;
                  const isChosen = props.chosen?.row === row && props.chosen.column === column;
                  return (
                    <td
                      key={column}
                      role="gridcell"
                      data-cell={`${row},${column}`}
                      class={`${row === column ? 'right' : n > 0 ? 'wrong' : 'none'}${isChosen ? ' chosen' : ''}`}
                      style={{ '--share': `${Math.round(n === 0 ? 0 : 12 + share * 58)}%` }}
                      tabIndex={focus.row === row && focus.column === column ? 0 : -1}
                      aria-selected={isChosen}
                      aria-label={text.cell(classes[row] ?? '', classes[column] ?? '', n)}
                      title={`${text.cell(classes[row] ?? '', classes[column] ?? '', n)} (${percent(share)})`}
                      onClick={() => {
                        setFocus({ row, column });
                        props.onChoose({ row, column });
                      }}
                      onKeyDown={(event) => {
                        if (event.key === 'Enter' || event.key === ' ') {
                          event.preventDefault();
                          props.onChoose({ row, column });
                        } else move(event, { row, column });
                      }}
                    >
                      {n === 0 ? '·' : count(n)}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Beginning and end of a long name: what tells names of one kind apart often stands at their end. */
function shortened(name: string, length: number): string {
  const characters = Array.from(new Intl.Segmenter().segment(name), ({ segment }) => segment);
  if (characters.length <= length) return name;
  const end = Math.floor((length - 1) / 2);
  return `${characters.slice(0, length - 1 - end).join('')}…${characters.slice(-end).join('')}`;
}
