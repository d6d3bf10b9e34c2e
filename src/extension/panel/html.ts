import { Escaped, html, htmlJson, type Bundle } from '../../words/index.js';

export interface PageParts {
  readonly nonce: string;
  /** Where the webview's own files and pictures come from. */
  readonly source: string;
  readonly script: string;
  readonly style: string;
  readonly language: string;
  readonly title: string;
  /** The page's texts in that language. */
  readonly texts: Bundle;
}

/**
 * Right after a reload of a window in a browser, the editor's service worker may not know a webview yet, and refuses its files:
 * the panel would stay blank. They are asked for again, a few times a second for ten seconds.
 */
const askAgain = String.raw`{
let left = 60;
addEventListener('error', ({ target }) => {
  if (!(target instanceof HTMLLinkElement || target instanceof HTMLScriptElement) || left-- <= 0) return;
  const again = document.createElement(target.localName);
  for (const name of ['rel', 'href', 'src', 'nonce']) if (target[name]) again[name] = target[name];
  setTimeout(() => target.replaceWith(again), 300);
}, true);
}`;

/** The webview's page: its script with a nonce, one style sheet, nothing from anywhere else. */
export function panelHtml({ nonce, source, script, style, language, title, texts }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    // The charts and the controls place things with style attributes.
    `style-src ${source} 'unsafe-inline'`,
    `img-src ${source} data:`,
  ].join('; ');
  return html`<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<script nonce="${nonce}">${new Escaped(askAgain)}</script>
<link rel="stylesheet" href="${style}">
<title>${title}</title>
</head>
<body>
<div id="root"></div>
<script type="application/json" id="texts">${htmlJson(texts)}</script>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`.text;
}
