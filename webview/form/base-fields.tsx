import { parsePreprocessing, type BaseOption, type FormChoice } from '../../src/protocol/index.js';
import { text } from '../strings.js';
import { Select, TextField } from '../ui/index.js';

export interface FieldProps {
  readonly choice: FormChoice;
  readonly onChoice: (choice: FormChoice) => void;
}

/** Whether the user has said what the base does not. */
export function saysAll({ anySize, preprocessing }: BaseOption, choice: FormChoice): boolean {
  if (anySize === true && (choice.size ?? '') === '') return false;
  return preprocessing !== undefined || parsePreprocessing(choice.preprocessing ?? '') !== undefined;
}

export function SizeField({ base, choice, onChoice }: FieldProps & { readonly base: BaseOption }) {
  return (
    <div class="field">
      <span class="label">{text.pictureSize}</span>
      <TextField
        label={text.pictureSize}
        value={choice.size ?? ''}
        placeholder={String(base.size[0])}
        onInput={(size) => {
          onChoice({ ...choice, size });
        }}
      />
      <p class="dim">{text.pictureSizeHelp}</p>
    </div>
  );
}

const [nothingYet, another] = ['', 'mean='];

export function PreprocessingField({ base, choice, onChoice }: FieldProps & { readonly base: BaseOption }) {
  const { preprocessing = nothingYet } = choice;
  const choices = text.preprocessingChoices(base.grey === true);
  const isAnother = preprocessing.startsWith(another);
  const chosen = choices.find(({ value = another }) => value === (isAnother ? another : preprocessing));
  return (
    <div class="field">
      <span class="label">{text.preprocessing}</span>
      <Select
        label={text.preprocessing}
        value={isAnother ? another : preprocessing}
        options={[
          ...(chosen === undefined ? [{ value: nothingYet, label: text.choose }] : []),
          ...choices.map(({ value = another, label }) => ({ value, label })),
        ]}
        onChange={(value) => {
          onChoice({ ...choice, preprocessing: value });
        }}
      />
      {isAnother ? (
        <TextField
          label={chosen?.label ?? ''}
          value={preprocessing}
          placeholder="mean=127.5,std=127.5"
          onInput={(value) => {
            onChoice({ ...choice, preprocessing: value.startsWith(another) ? value : another });
          }}
        />
      ) : null}
      <p class="dim">{chosen?.detail ?? text.preprocessingHelp}</p>
    </div>
  );
}

export function FreezeField({ base, choice, onChoice }: FieldProps & { readonly base: BaseOption }) {
  const value = choice.freezeUpTo ?? base.defaultFreezePoint ?? '';
  const point = base.freezePoints.find(({ layer }) => layer === value);
  return (
    <div class="field">
      <span class="label">{text.freeze}</span>
      <Select
        label={text.freeze}
        value={value}
        options={base.freezePoints.map(({ layer, depth }) => ({
          value: layer,
          label: `${layer} (${Math.round(depth * 100)} %)`,
        }))}
        onChange={(freezeUpTo) => {
          onChoice({ ...choice, freezeUpTo });
        }}
      />
      {point === undefined ? null : (
        <>
          <div class="bar" aria-hidden="true">
            <div style={{ width: `${point.depth * 100}%` }} />
          </div>
          <p class="dim">{text.frozenPart(point.depth)}</p>
        </>
      )}
    </div>
  );
}
