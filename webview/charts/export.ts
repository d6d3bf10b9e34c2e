import type uPlot from 'uplot';

import type { EpochPoint } from '../../src/protocol/index.js';
import { metricWords } from '../strings.js';
import type { Curve } from './curves.js';
import type { ChartTheme } from './theme.js';

/** The chart with its title and legend as a PNG, in base64. */
export function pictureOf(chart: uPlot, title: string, curves: readonly Curve[], theme: ChartTheme): string {
  const ratio = devicePixelRatio;
  const source = chart.ctx.canvas;
  const canvas = document.createElement('canvas');
  const header = 32 * ratio;
  canvas.width = source.width;
  canvas.height = source.height + header;
  const context = canvas.getContext('2d');
  if (context === null) return '';
  context.fillStyle = theme.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, header);
  context.font = theme.font.replace('11px', `${13 * ratio}px`);
  context.textBaseline = 'middle';
  context.fillStyle = theme.text;
  context.fillText(title, 12 * ratio, header / 2);
  let left = 24 * ratio + context.measureText(title).width;
  for (const { name, colour, dash } of curves) {
    context.strokeStyle = theme.lines[colour % theme.lines.length] ?? theme.text;
    context.lineWidth = 2 * ratio;
    context.setLineDash(dash.map((length) => length * ratio));
    context.beginPath();
    context.moveTo(left, header / 2);
    context.lineTo(left + 24 * ratio, header / 2);
    context.stroke();
    context.fillText(name, left + 30 * ratio, header / 2);
    left += 46 * ratio + context.measureText(name).width;
  }
  return canvas.toDataURL('image/png').split(',')[1] ?? '';
}

/** Columns, for programs: the same in every language. */
export function csvHead([first]: readonly EpochPoint[]): readonly string[] {
  const keys = first === undefined ? [] : metricWords(first.validation).map(({ key }) => key);
  const [one = '', ...others] = keys;
  const trained = first?.train.accuracy === undefined ? [] : ['train_accuracy'];
  return [
    'epoch',
    'stage',
    'train_loss',
    'validation_loss',
    ...trained,
    `validation_${one}`,
    ...others,
    'learning_rate',
  ];
}

export function epochRow({ x, stage, train, validation, learningRate }: EpochPoint): (string | number)[] {
  const trained = train.accuracy === undefined ? [] : [train.accuracy];
  const metrics = metricWords(validation).map(({ of }) => of(validation));
  return [x, stage, train.loss, validation.loss, ...trained, ...metrics, learningRate];
}
