import { text } from '../strings.js';
import { Button, Check } from '../ui/index.js';
import type { Range } from './range.js';

/** What every chart offers: its numbers as a table or a file, and the way back from a zoomed part. */
export function TableAndZoom(props: {
  readonly table: boolean;
  readonly onTable: (table: boolean) => void;
  readonly range: Range | undefined;
  readonly onRange: (range: undefined) => void;
  /** Absent while there is nothing to write. */
  readonly onCsv: (() => void) | undefined;
}) {
  const { onCsv } = props;
  return (
    <>
      <Check label={text.asTable} checked={props.table} onChange={props.onTable} />
      <Button
        disabled={props.range === undefined}
        onClick={() => {
          props.onRange(undefined);
        }}
      >
        {text.resetZoom}
      </Button>
      <Button disabled={onCsv === undefined} onClick={() => onCsv?.()}>
        {text.exportCsv}
      </Button>
    </>
  );
}
