import { createRequire } from 'node:module';

/** Names that somebody who makes a workspace may give to a class, a file, a layer or a run. */
export const hostileNames: readonly string[] = [
  '[Fix it](command:workbench.action.toggleZenMode)',
  '[Fix it](command:x "y")](command:z)',
  '[see](https://example.invalid/x)',
  '![x](https://example.invalid/x.png)',
  'http://example.invalid/x a@example.invalid //example.invalid <https://example.invalid>',
  '<img src=x onerror="alert(1)">',
  '</script></title></style></pre><script>alert(1)</script>',
  `"'><svg/onload=alert(1)>`,
  '&lt;b&gt; &#60;img src=x&#62;',
  '$(trash)',
  '$(sync~spin) $$(bug)',
  '\u001b]52;c;ZXZpbA==\u0007',
  '\u001b]8;;https://example.invalid\u001b\\here\u001b]8;;\u001b\\',
  '\u001b[2J\u001b[H\u001b[31m',
  '\u009b2J\u009d52;c;x\u009c',
  'right\rwrong',
  'right\b\b\b\b\b\u007f',
  'photo-\u202egpj.exe',
  '\u2066a\u2067b\u2068c\u2069',
  'zero\u200bwidth\ufeff\u2060',
  'two\nlines\u2028and\u2029more\u0085',
  '\ttab',
  'half \ud800',
  'a | b `c` **d** ~~e~~ __f__',
  '# g',
  '- h',
  '1. i',
  '    code',
  '{0} {1} $& $1 $`',
  `'); process.exit(1); ('`,
  '*/ process.exit(1) /*',
  '=HYPERLINK("https://example.invalid")',
  '__proto__',
  'x'.repeat(5_000),
  'e' + '\u0301'.repeat(5_000),
];

/** What a terminal would act upon, or what would turn around or hide what it shows. Line feeds and tabs are none of it. */
const controls =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udfff]/u;

export function liveInTerminal(text: string): string | undefined {
  return found(controls.exec(text));
}

/** As VS Code's `linkedText.ts` and `iconLabels.ts` find them. */
const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
const icon = /\$\([A-Za-z0-9-]+(?:~[A-Za-z]+)?\)/;

export function liveInEditor(text: string): string | undefined {
  return found(link.exec(text)) ?? found(icon.exec(text)) ?? liveInTerminal(text);
}

export function liveInHtml(html: string): string | undefined {
  return found(/<(?:img src=x|script>alert|svg\/onload)[^]{0,40}/i.exec(html)) ?? liveInTerminal(html);
}

interface MarkdownIt {
  render(text: string): string;
  readonly linkify: { set(options: { fuzzyLink: boolean }): unknown };
}

/** Rendered as VS Code's preview does it: with HTML, and with links made of addresses. */
export function rendered(markdown: string): string {
  const make = createRequire(import.meta.url)('markdown-it') as (options: object) => MarkdownIt;
  const renderer = make({ html: true, linkify: true });
  renderer.linkify.set({ fuzzyLink: false });
  return renderer.render(markdown);
}

export function liveInMarkdown(markdown: string): string | undefined {
  return found(/<(?:a|img|script|svg|code|del|h2|ol)\b[^]{0,60}/i.exec(rendered(markdown))) ?? liveInTerminal(markdown);
}

function found(match: RegExpExecArray | null): string | undefined {
  return match === null ? undefined : JSON.stringify(match[0]);
}
