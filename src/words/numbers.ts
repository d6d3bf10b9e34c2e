import type { Interval } from './intervals.js';

/** Numbers, sizes and times as people who read a language write them: the editor and the panel both get them here. */
export interface Numbers {
  /** `95.8 %` of 0.958; without digits `96 %`. */
  readonly percent: (fraction: number, digits?: number) => string;
  /** With its 95 % interval, where it has one: `83.3 % (76.8–88.3)`. */
  readonly percentWithin: (fraction: number, interval: Interval | undefined) => string;
  readonly count: (value: number) => string;
  /** With exactly so many digits after the point. */
  readonly fixed: (value: number, digits: number) => string;
  /** As `percentWithin`: `0.833 (0.768–0.883)`. */
  readonly fixedWithin: (value: number, digits: number, interval: Interval | undefined) => string;
  /** A measured quantity, with four digits that count: `12.35`, `1,235`. */
  readonly quantity: (value: number) => string;
  /** As `percentWithin`: `12.35 (11.2–13.5)`. */
  readonly quantityWithin: (value: number, interval: Interval | undefined) => string;
  /** Four digits after the point, and small and huge values with their exponent; `–` for none. */
  readonly significant: (value: number | null | undefined) => string;
  /** At most two digits that count: `0.0012`. */
  readonly rate: (value: number) => string;
  /** A tick of an axis. */
  readonly tick: (value: number) => string;
  /** `1.6 M`, `47 k`. */
  readonly compact: (value: number) => string;
  readonly megabytes: (bytes: number) => string;
  readonly duration: (ms: number) => string;
  readonly day: (time: number) => string;
  /** Day and time. */
  readonly moment: (time: number) => string;
  /** Day and time without the year. */
  readonly shortMoment: (time: number) => string;
  readonly timeOfDay: (time: number) => string;
}

/** @param language as the editor names it: `de`, `pt-br`; English for one that nobody knows. */
export function numbersOf(language: string): Numbers {
  const [locale = 'en'] = Intl.NumberFormat.supportedLocalesOf([language]);
  const format = (value: number, options: Intl.NumberFormatOptions) =>
    new Intl.NumberFormat(locale, options).format(value);
  const fixed = (value: number, digits: number) =>
    format(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const count = (value: number) => format(value, { maximumFractionDigits: 0 });
  const scientific = (value: number, digits: number) => {
    const [mantissa = '', exponent = ''] = value.toExponential(digits).split('e');
    return `${fixed(Number(mantissa), digits)}e${exponent}`;
  };
  // The English texts write it as the command line and the documents do.
  const percent = (fraction: number, digits = 1) =>
    locale.startsWith('en')
      ? `${fixed(100 * fraction, digits)} %`
      : format(fraction, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits });
  const within = (text: string, interval: Interval | undefined, factor: number, digits: number) =>
    interval === undefined
      ? text
      : `${text} (${fixed(factor * interval.low, digits)}–${fixed(factor * interval.high, digits)})`;
  const rounded = (value: number, digits: number) => {
    const size = Math.abs(value);
    if (value !== 0 && (size < 1e-4 || size >= 1e9)) return scientific(value, digits - 1);
    return format(value, { maximumSignificantDigits: Math.max(digits, Math.ceil(Math.log10(Math.max(1, size)))) });
  };
  return {
    percent,
    percentWithin: (fraction, interval) => within(percent(fraction), interval, 100, 1),
    count,
    fixed,
    fixedWithin: (value, digits, interval) => within(fixed(value, digits), interval, 1, digits),
    quantity: (value) => rounded(value, 4),
    quantityWithin: (value, interval) =>
      interval === undefined
        ? rounded(value, 4)
        : `${rounded(value, 4)} (${rounded(interval.low, 3)}–${rounded(interval.high, 3)})`,
    significant: (value) => {
      if (value === null || value === undefined || !Number.isFinite(value)) return '–';
      const size = Math.abs(value);
      return value === 0 || (size >= 1e-3 && size < 1e6) ? fixed(value, 4) : scientific(value, 2);
    },
    rate: (value) =>
      Math.abs(value) >= 1e-4 || value === 0 ? format(value, { maximumSignificantDigits: 2 }) : scientific(value, 1),
    tick: (value) => format(value, { maximumFractionDigits: 6 }),
    compact: (value) => {
      if (value >= 1e6) return `${fixed(value / 1e6, 1)} M`;
      return value >= 1e4 ? `${count(value / 1e3)} k` : count(value);
    },
    megabytes: (bytes) => `${count(bytes / 1e6)} MB`,
    duration: (ms) => {
      if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
      const seconds = Math.round(ms / 1_000);
      if (seconds < 60) return `${seconds} s`;
      const minutes = Math.floor(seconds / 60);
      if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
      return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
    },
    day: (time) => new Date(time).toLocaleDateString(locale, { dateStyle: 'medium' }),
    moment: (time) => new Date(time).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' }),
    shortMoment: (time) =>
      new Date(time).toLocaleString(locale, { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' }),
    timeOfDay: (time) => new Date(time).toLocaleTimeString(locale),
  };
}
