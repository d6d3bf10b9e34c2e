/**
 * The panel's controls. Only this folder knows the toolkit; where its elements fall short (no slider; a list box that screen
 * readers do not follow; tables) a native element stands in, styled alike.
 */
import { provideVSCodeDesignSystem, vsCodeButton, vsCodeCheckbox, vsCodeTextField } from '@vscode/webview-ui-toolkit';
import { createElement, type ComponentChildren } from 'preact';

import { fixed } from '../format.js';
import './ui.css';

provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox(), vsCodeTextField());

export function Button(props: {
  readonly children: ComponentChildren;
  readonly onClick: () => void;
  readonly primary?: boolean;
  readonly disabled?: boolean;
  /** Why it is disabled, or more than its text says. */
  readonly title?: string;
}) {
  return createElement(
    'vscode-button',
    {
      appearance: props.primary === true ? 'primary' : 'secondary',
      disabled: props.disabled === true,
      title: props.title,
      onClick: props.disabled === true ? undefined : props.onClick,
    },
    props.children,
  );
}

export function Check(props: {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}) {
  return createElement(
    'vscode-checkbox',
    {
      checked: props.checked,
      'aria-label': props.label,
      onChange: (event: Event) => {
        const { checked } = event.target as HTMLInputElement;
        if (checked !== props.checked) props.onChange(checked);
      },
    },
    props.label,
  );
}

export function TextField(props: {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly onInput: (value: string) => void;
}) {
  return createElement('vscode-text-field', {
    value: props.value,
    placeholder: props.placeholder,
    // The toolkit names every field "Text field" when it is attached.
    ref: (field: Element | null) => field?.setAttribute('aria-label', props.label),
    onInput: (event: Event) => {
      props.onInput((event.target as HTMLInputElement).value);
    },
  });
}

interface SelectOption {
  readonly value: string;
  readonly label: string;
}

export function Select(props: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly SelectOption[];
  /** After the options, each under its title. */
  readonly groups?: readonly { readonly title: string; readonly options: readonly SelectOption[] }[];
  readonly onChange: (value: string) => void;
}) {
  const listed = (options: readonly SelectOption[]) =>
    options.map(({ value, label }) => (
      <option key={value} value={value}>
        {label}
      </option>
    ));
  return (
    <select
      class="select"
      aria-label={props.label}
      value={props.value}
      onChange={({ currentTarget }) => {
        props.onChange(currentTarget.value);
      }}
    >
      {listed(props.options)}
      {props.groups?.map(({ title, options }) => (
        <optgroup key={title} label={title}>
          {listed(options)}
        </optgroup>
      ))}
    </select>
  );
}

export function Slider(props: {
  readonly label: string;
  readonly value: number;
  readonly max: number;
  readonly step: number;
  readonly onInput: (value: number) => void;
}) {
  return (
    <label class="slider">
      <span>{props.label}</span>
      <input
        type="range"
        min={0}
        max={props.max}
        step={props.step}
        value={props.value}
        onInput={({ currentTarget }) => {
          props.onInput(Number(currentTarget.value));
        }}
      />
      <output>{fixed(props.value, 2)}</output>
    </label>
  );
}

/** The first column names the rows; columns of words begin on one line, columns of numbers end on one. */
export function Table(props: {
  readonly label: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}) {
  const kinds = props.head.map((_, column) => (props.rows.some((row) => isWord(row[column])) ? 'word' : undefined));
  return (
    <div class="scroll" role="region" aria-label={props.label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {props.head.map((name, column) => (
              <th key={name} scope="col" class={kinds[column]}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((cells, i) => (
            <tr key={i}>
              {cells.map((cell, j) =>
                j === 0 ? (
                  <th scope="row" key={j}>
                    {cell}
                  </th>
                ) : (
                  <td key={j} class={kinds[j]}>
                    <Figure text={String(cell)} />
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A figure whose interval may go onto a line of its own, whole. */
export function Figure({ text }: { readonly text: string }) {
  const parts = /^(.*\d[^(]*) (\([\d.,]+–[\d.,]+\))(.*)$/.exec(text);
  if (parts === null) return <>{text}</>;
  return (
    <>
      {parts[1]} <span class="interval">{parts[2]}</span>
      {parts[3]}
    </>
  );
}

function isWord(cell: string | number | undefined): boolean {
  return typeof cell === 'string' && !/^[\d%−–-]/.test(cell);
}

export function Banner(props: {
  readonly tone: 'error' | 'warning' | 'info';
  readonly message: string;
  readonly action?: string | undefined;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class={`banner ${props.tone}`} role={props.tone === 'error' ? 'alert' : 'status'}>
      <div>
        <strong>{props.message}</strong>
        {props.action === undefined ? null : <p>{props.action}</p>}
      </div>
      <div class="row">{props.children}</div>
    </div>
  );
}
