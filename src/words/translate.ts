/** A text in the user's language: the English one, with `{0}`, `{1}`, … where values go. `vscode.l10n.t` is one. */
export type Translate = (text: string, ...values: readonly (string | number | boolean)[]) => string;

/** English texts and what stands for them in another language: the content of a `bundle.l10n.<language>.json`. */
export type Bundle = Readonly<Record<string, string>>;

/** `vscode.l10n.t` for where there is no `vscode`. A text that the bundle lacks stays English. */
export function translator(bundle: Bundle): Translate {
  return (text, ...values) => {
    const translated = Object.hasOwn(bundle, text) ? bundle[text] : undefined;
    return (translated ?? text).replaceAll(/\{(\d+)\}/g, (whole, index: string) =>
      String(values[Number(index)] ?? whole),
    );
  };
}
