import { list, ownCode, type Code } from './code.js';

// A template is a script that runs as it is: the one for the sample. What others have in its place is in slots: /*name*/own words/**/
const slots = /\/\*(\w+)\*\/(.*?)\/\*\*\//gs;

/** What comes into a slot: code, or the entries of a list, made from those that are there. */
export type Filling = Code | ((own: readonly Code[]) => readonly Code[]);

/** The script that a template makes of its fillings. One without a slot, or a slot without one, is a mistake of ours. */
export function fillTemplate(template: string, fillings: Readonly<Record<string, Filling>>): string {
  const left = new Set(Object.keys(fillings));
  const text = template.replace(slots, (_, name: string, own: string) => {
    const filling = fillings[name];
    if (filling === undefined) throw new Error(`Nothing is known about the slot ${name}.`);
    left.delete(name);
    return (typeof filling === 'function' ? listed(own, filling) : filling).text;
  });
  if (left.size > 0) throw new Error(`The template has no slot ${[...left].join(', ')}.`);
  return text;
}

/** The script for the sample. */
export function sampleScript(template: string): string {
  return template.replace(slots, (_, _name: string, own: string) => own);
}

/** New entries are set apart as the template's own are: by a space, or each on its line. */
function listed(own: string, filling: (own: readonly Code[]) => readonly Code[]): Code {
  const separator = /,\s+/.exec(own)?.[0] ?? ', ';
  return list(filling(own.split(separator).map(ownCode)), separator);
}
