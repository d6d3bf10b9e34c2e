import * as vscode from 'vscode';

import type { LayerRow, ModelDescription } from '../protocol/index.js';
import { Escaped, html, htmlText, type Html } from '../words/index.js';
import { language, numbers } from './language.js';

interface ModelPage {
  readonly nonce: string;
  readonly name: string;
  /** Undefined where the file cannot be read: the note says why. */
  readonly model: ModelDescription | undefined;
  readonly links: readonly { readonly title: string; readonly href: string }[];
  readonly note: string | undefined;
}

const style = `
body { color: var(--vscode-foreground); font: var(--vscode-font-size)/1.5 var(--vscode-font-family); padding: 0 20px 20px; }
h1 { font-size: 1.4em; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; }
dt { color: var(--vscode-descriptionForeground); }
dd { margin: 0; overflow-wrap: anywhere; }
nav a { background: var(--vscode-button-background); border: 1px solid var(--vscode-contrastBorder, transparent); border-radius: 2px; color: var(--vscode-button-foreground); display: inline-block; margin-right: 8px; padding: 4px 12px; text-decoration: none; }
nav a:hover { background: var(--vscode-button-hoverBackground); }
a:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
summary { cursor: pointer; font-weight: 600; }
summary:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.classes { display: flex; flex-wrap: wrap; gap: 4px 8px; list-style: none; margin: 8px 0 0; padding: 0; }
.classes li { border: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, var(--vscode-descriptionForeground))); border-radius: 10px; overflow-wrap: anywhere; padding: 0 8px; }
table { border-collapse: collapse; margin-top: 16px; width: 100%; }
th, td { border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); padding: 2px 12px 2px 0; text-align: left; }
th { background: var(--vscode-editor-background); position: sticky; top: 0; }
td.number, th.number { font-variant-numeric: tabular-nums; text-align: right; }
.note { border-left: 3px solid var(--vscode-notificationsInfoIcon-foreground); padding-left: 10px; }
`;

const fewClasses = 40;

/** The page of a model file: facts, actions, layers. It has no script. */
export function modelHtml({ nonce, name, model, links, note }: ModelPage): string {
  const buttons = links.map(({ title, href }) => html`<a href="${htmlText(href)}">${title}</a>`);
  return html`<!DOCTYPE html>
<html lang="${language()}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'">
<title>${name}</title>
<style nonce="${nonce}">${new Escaped(style)}</style>
</head>
<body>
<h1>${name}</h1>
${buttons.length === 0 ? '' : html`<nav aria-label="${vscode.l10n.t('Actions')}">${buttons}</nav>`}
${note === undefined ? '' : html`<p class="note">${htmlText(note)}</p>`}
${model === undefined ? '' : html`${facts(model)}${outputs(model)}${layers(model.layers)}`}
</body>
</html>`.text;
}

function facts({ format, parameters, layers: rows, facts: more }: ModelDescription): Html {
  const { count } = numbers();
  const all = [
    [vscode.l10n.t('Format'), format],
    [vscode.l10n.t('Parameters'), count(parameters)],
    [vscode.l10n.t('Layers'), count(rows.length)],
    ...frozen(rows),
    ...Object.entries(more),
  ] as const;
  const entries = all.map(([key, value]) => html`<dt>${key}</dt><dd>${value}</dd>`);
  return html`<dl>${entries}</dl>`;
}

/** Many are folded away: what follows should not be far. */
function outputs({ classes: names = [], task = 'classification' }: ModelDescription): Html {
  if (names.length === 0) return html``;
  const list = names.map((name) => html`<li>${name}</li>`);
  const count = numbers().count(names.length);
  const title = {
    classification: vscode.l10n.t('{0} classes', count),
    'multi-label': vscode.l10n.t('{0} labels', count),
    regression: vscode.l10n.t('Numbers'),
  }[task];
  return html`<details${names.length > fewClasses ? '' : html` open`}><summary>${title}</summary><ul class="classes">${list}</ul></details>`;
}

function frozen(rows: readonly LayerRow[]): (readonly [string, string])[] {
  const known = rows.filter(({ trainable, parameters }) => trainable !== undefined && parameters > 0);
  if (known.length === 0) return [];
  const { count } = numbers();
  const still = known.filter(({ trainable }) => trainable === false).length;
  const part =
    still === 0
      ? vscode.l10n.t('nothing')
      : vscode.l10n.t('{0} of {1} layers with weights', count(still), count(known.length));
  return [[vscode.l10n.t('Frozen'), part]];
}

function layers(rows: readonly LayerRow[]): Html {
  const heads = [vscode.l10n.t('Layer'), vscode.l10n.t('Type'), vscode.l10n.t('Output')].map(
    (name) => html`<th scope="col">${name}</th>`,
  );
  heads.push(
    html`<th scope="col" class="number">${vscode.l10n.t('Parameters')}</th>`,
    html`<th scope="col">${vscode.l10n.t('State')}</th>`,
  );
  const { count } = numbers();
  const frozenState = vscode.l10n.t('frozen');
  const body = rows.map(
    ({ name, type, outputShape, parameters, trainable }) =>
      html`<tr><td>${name}</td><td>${type}</td><td>${outputShape.map((size) => size ?? 'N').join(' × ')}</td><td class="number">${count(parameters)}</td><td>${trainable === false && parameters > 0 ? frozenState : ''}</td></tr>`,
  );
  return html`<table><caption hidden>${vscode.l10n.t('Layers')}</caption><thead><tr>${heads}</tr></thead><tbody>${body}</tbody></table>`;
}
