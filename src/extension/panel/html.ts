import { Escaped, html, htmlJson, type Bundle } from '../../words/index.js';

interface PageParts {
  readonly nonce: string;
  /** What the page executes, and its style sheet: their text. */
  readonly script: string;
  readonly style: string;
  readonly language: string;
  readonly title: string;
  /** What it shows until its script runs. */
  readonly loading: string;
  /** The page's texts in that language. */
  readonly texts: Bundle;
}

/**
 * The webview's page, in one piece: it loads nothing, pictures arrive in messages. In a browser, what a webview loads goes through the
 * editor's service worker, which refuses it right after a reload, and where a webview is hidden before all has arrived, it keeps the next
 * one waiting for half a minute: the panel would stay blank.
 */
export function panelHtml({ nonce, script, style, language, title, loading, texts }: PageParts): string {
  const policy = Object.entries({
    'default-src': "'none'",
    'script-src': `'nonce-${nonce}'`,
    // The charts and the controls place things with style attributes.
    'style-src': "'unsafe-inline'",
    'img-src': 'data:',
  })
    .map((allowed) => allowed.join(' '))
    .join('; ');
  return html`<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>${new Escaped(style)}</style>
<title>${title}</title>
</head>
<body>
<div id="root"><p class="dim">${loading}</p></div>
<script type="application/json" id="texts">${htmlJson(texts)}</script>
<script nonce="${nonce}">${new Escaped(insideHtml(script))}</script>
</body>
</html>`.text;
}

/** The same script, without what HTML would take for the end of it, or for a comment. */
function insideHtml(script: string): string {
  return script.replaceAll(/<(?=!--|\/script)/gi, '\\x3c');
}
