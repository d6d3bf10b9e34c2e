import { useEffect, useRef } from 'preact/hooks';

import { techniques, type FormChoice } from '../../src/protocol/index.js';
import { byFamily, scriptName } from '../../src/words/index.js';
import { ask } from '../host.js';
import { withBase, withData, type Answered, type State } from '../store.js';
import { baseFacts, familyName, techniqueNames, text, weightNames } from '../strings.js';
import { Banner, Button, Select, TextField } from '../ui/index.js';
import { FreezeField, PreprocessingField, saysAll, SizeField, type FieldProps } from './base-fields.js';
import { DataSummaryLine } from './data-summary.js';
import './form.css';

const previewDelayMs = 250;

/** Writes a training script: the choices on the left, the script that they make on the right. */
export function FormView({
  state,
  onChoice,
  onAnswer,
}: {
  readonly state: State;
  readonly onChoice: (choice: FormChoice) => void;
  readonly onAnswer: (answer: Answered) => void;
}) {
  const { choice, bases, summary, preview } = state;
  /** Counts what a preview was asked for: only the newest answer is shown. */
  const asked = useRef(0);
  useEffect(() => {
    void ask('listBases', {}).then((bases) => {
      onAnswer({ type: 'bases', bases });
    });
  }, []);
  useEffect(() => {
    const { data: folder } = choice;
    if (folder === '') return;
    void ask('summarizeData', { folder }).then((answer) => {
      onAnswer({ type: 'data', folder, answer });
    });
  }, [choice.data]);
  const options = bases?.ok === true ? bases.value : [];
  const listed = options.find(({ id }) => id === choice.base);
  // The list has nothing but the name of a saved model.
  const isFile = bases !== undefined && choice.base !== '' && (listed === undefined || listed.weights === 'saved');
  useEffect(() => {
    const { base } = choice;
    if (!isFile) return;
    void ask('describeBase', { base }).then((answer) => {
      onAnswer({ type: 'base', base, answer });
    });
  }, [isFile, choice.base]);
  const fromFile = state.fileBase?.base === choice.base ? state.fileBase.answer : undefined;
  const base = isFile ? (fromFile?.ok === true ? fromFile.value : undefined) : listed;
  const isSaid = base === undefined || saysAll(base, choice);
  useEffect(() => {
    if (choice.data === '' || choice.base === '' || !isSaid) return;
    const timer = setTimeout(() => {
      const mine = ++asked.current;
      void ask('preview', { choice }).then((answer) => {
        if (mine === asked.current) onAnswer({ type: 'preview', answer });
      });
    }, previewDelayMs);
    return () => {
      clearTimeout(timer);
    };
  }, [
    isSaid,
    choice.technique,
    choice.data,
    choice.task,
    choice.base,
    choice.preprocessing,
    choice.size,
    choice.freezeUpTo,
  ]);

  const ready =
    isSaid && choice.data !== '' && summary?.answer.ok === true && preview?.answer.ok === true && state.workspace;
  const write = (train: boolean) => () => {
    void ask('write', { choice, train }).then((answer) => {
      onAnswer({ type: 'written', answer });
    });
  };
  const choose = (what: 'data' | 'dataFile' | 'base' | 'out', current: string) => () => {
    void ask('choose', { what, current }).then((answer) => {
      onAnswer({ type: 'chosen', what: what === 'dataFile' ? 'data' : what, answer });
    });
  };
  return (
    <>
      <h1>{text.formTitle}</h1>
      {state.workspace ? null : <Banner tone="warning" message={text.noFolder} />}
      <div class="form">
        <div class="fields">
          <TechniqueField choice={choice} onChoice={onChoice} />
          <div class="field">
            <span class="label">{text.dataFolder}</span>
            <div class="row">
              <TextField
                label={text.dataFolder}
                value={choice.data}
                placeholder="data/flowers"
                onInput={(data) => {
                  onChoice(withData(choice, data));
                }}
              />
              <Button onClick={choose('data', choice.data)}>{text.folder}</Button>
              <Button onClick={choose('dataFile', choice.data)}>{text.dataFile}</Button>
            </div>
            <DataSummaryLine state={state} />
          </div>
          <TaskField state={state} onChoice={onChoice} />
          <div class="field">
            <span class="label">{text.base}</span>
            <div class="row">
              <Select
                label={text.base}
                value={choice.base}
                options={isFile && listed === undefined ? [{ value: choice.base, label: choice.base }] : []}
                groups={byFamily(options.filter(({ weights }) => weights !== 'file')).map((family) => ({
                  title: family[0] === undefined ? '' : familyName(family[0]),
                  options: family.map(({ id, label }) => ({ value: id, label })),
                }))}
                onChange={(id) => {
                  onChoice(withBase(choice, id));
                }}
              />
              <Button onClick={choose('base', choice.base)}>{text.modelFile}</Button>
            </div>
            {base === undefined ? null : (
              <p class="dim">
                {[
                  ...baseFacts(base),
                  weightNames[base.weights],
                  ...(base.preprocessing === undefined ? [] : [`${text.preprocessing}: ${base.preprocessing}`]),
                ].join(' · ')}
              </p>
            )}
            {fromFile?.ok === false ? (
              <Banner tone="error" message={fromFile.message} action={fromFile.action} />
            ) : null}
            {bases?.ok === false ? <Banner tone="error" message={bases.message} action={bases.action} /> : null}
          </div>
          {base?.anySize === true ? <SizeField base={base} choice={choice} onChoice={onChoice} /> : null}
          {base !== undefined && base.preprocessing === undefined ? (
            <PreprocessingField base={base} choice={choice} onChoice={onChoice} />
          ) : null}
          {choice.technique === 'fine-tuning' && base !== undefined ? (
            <FreezeField base={base} choice={choice} onChoice={onChoice} />
          ) : null}
          <div class="field">
            <span class="label">{text.out}</span>
            <div class="row">
              <TextField
                label={text.out}
                value={choice.out}
                onInput={(out) => {
                  onChoice({ ...choice, out });
                }}
              />
              <Button onClick={choose('out', choice.out)}>{text.choose}</Button>
            </div>
          </div>
          <div class="row">
            <Button
              primary
              disabled={!ready || !state.trusted}
              title={state.trusted ? '' : text.untrusted}
              onClick={write(true)}
            >
              {text.writeAndTrain}
            </Button>
            <Button disabled={!ready} onClick={write(false)}>
              {text.write}
            </Button>
          </div>
        </div>
        <section class="preview" aria-labelledby="preview">
          <h2 id="preview">{text.preview}</h2>
          {preview === undefined || choice.data === '' || !isSaid ? (
            <p class="placeholder">{isSaid ? text.previewWaiting : text.previewAsks}</p>
          ) : preview.answer.ok ? (
            <pre tabIndex={0} aria-label={text.preview}>
              <code>{preview.answer.value}</code>
            </pre>
          ) : (
            <Banner tone="error" message={preview.answer.message} action={preview.answer.action} />
          )}
        </section>
      </div>
    </>
  );
}

function TechniqueField({ choice, onChoice }: FieldProps) {
  return (
    <fieldset class="field">
      <legend class="label">{text.technique}</legend>
      {techniques.map((technique) => (
        <label class="radio" key={technique}>
          <input
            type="radio"
            name="technique"
            checked={choice.technique === technique}
            onChange={() => {
              onChoice({ ...choice, technique, out: outFor(technique, choice) });
            }}
          />
          <span>
            {techniqueNames[technique]}
            <br />
            <span class="dim">{technique === 'fine-tuning' ? text.fineTuneHelp : text.extractHelp}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** A name that the user has not changed follows the technique. */
function outFor(technique: FormChoice['technique'], { out }: FormChoice): string {
  return techniques.some((one) => scriptName(one) === out) ? scriptName(technique) : out;
}

/** Where the labels may be classes as well as amounts, the user says which. */
function TaskField({ state: { summary, choice }, onChoice }: { readonly state: State } & Pick<FieldProps, 'onChoice'>) {
  const tasks = summary?.folder === choice.data && summary.answer.ok ? (summary.answer.value.tasks ?? []) : [];
  const [likeliest] = tasks;
  if (likeliest === undefined || tasks.length < 2) return null;
  const other = tasks.find((task) => task !== 'classification');
  return (
    <div class="field">
      <span class="label">{text.task}</span>
      <Select
        label={text.task}
        value={choice.task ?? likeliest}
        options={tasks.map((task) => ({ value: task, label: text.taskNames[task] }))}
        onChange={(value) => {
          const task = tasks.find((one) => one === value);
          if (task !== undefined) onChoice({ ...choice, task });
        }}
      />
      {other === undefined ? null : <p class="dim">{text.taskHelp[other]}</p>}
    </div>
  );
}
