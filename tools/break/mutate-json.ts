import { randomFrom, type Random } from './random.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
interface Place {
  readonly parent: Json[] | Record<string, Json>;
  readonly key: string;
}

/** Stands for JSON that is nested deeper than any stack. */
const deep = '<deep>';
const depth = 100_000;

/** Changes one field of a JSON file, of a line of an NDJSON file, or one cell of a table. Undefined for other bytes. */
export function mutateJson(bytes: Buffer, random: Random): Buffer | undefined {
  const text = bytes.toString('utf8');
  const whole = changeOne(text, random);
  if (whole !== undefined) return Buffer.from(whole);
  const lines = text.split('\n');
  if (lines.length < 2 || !Buffer.from(text).equals(bytes)) return undefined;
  const index = random.below(lines.length);
  const line = lines[index] ?? '';
  const other = changeOne(line, random) ?? changeCell(line, random);
  return Buffer.from(lines.with(index, other).join('\n'));
}

function changeOne(text: string, random: Random): string | undefined {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
  const places = placesIn(value);
  if (places.length === 0) return undefined;
  const other = randomFrom(random, places);
  change(
    randomFrom(random, places),
    random,
    structuredClone((other.parent as Record<string, Json>)[other.key] ?? null),
  );
  return JSON.stringify(value).replace(`"${deep}"`, '['.repeat(depth) + ']'.repeat(depth));
}

function placesIn(value: Json): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [{ parent: value, key }, ...placesIn(child)]);
}

/** @param other what stands at another place: names of other layers among it, which makes circles. */
function change({ parent, key }: Place, random: Random, other: Json): void {
  const fields = parent as Record<string, Json>;
  const value = fields[key] ?? null;
  switch (random.below(7)) {
    case 0:
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else Reflect.deleteProperty(fields, key);
      return;
    case 1:
      // Two fields change their places.
      {
        const second = randomFrom(random, Object.keys(fields));
        fields[key] = fields[second] ?? null;
        fields[second] = value;
      }
      return;
    case 2:
      fields[key] = randomFrom<Json>(random, [null, true, 0, '', [], {}, -1, 'x', deep]);
      return;
    case 3:
      if (Array.isArray(parent)) parent.splice(Number(key), 0, value);
      else fields[`${key}x`] = value;
      return;
    case 4:
      fields[key] = other;
      return;
    default:
      fields[key] = nudged(value, random);
  }
}

function nudged(value: Json, random: Random): Json {
  if (typeof value === 'number')
    return randomFrom(random, [value + 1, value - 1, -value, value / 2, value * 1e6, 1e308, 0, 0.5]);
  if (typeof value === 'string')
    return randomFrom(random, [`${value}x`, value.slice(1), '', value.repeat(1000), value.replace(/[a-z0-9]/, 'Z')]);
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value))
    return randomFrom<Json>(random, [[...value, ...value], value.slice(1), [...value].reverse()]);
  return null;
}

function changeCell(line: string, random: Random): string {
  const cells = line.split(',');
  const index = random.below(cells.length);
  return cells
    .with(index, randomFrom(random, ['', '"', `${cells[index] ?? ''}x`, '../x', cells.at(-1 - index) ?? '', 'x,y']))
    .join(',');
}
