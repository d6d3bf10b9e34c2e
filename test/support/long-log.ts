import { once } from 'node:events';
import type { Writable } from 'node:stream';

const epochs = 100;

/** Writes the log of a long training: 100 epochs, that many batches in all, one spike in the middle. */
export async function writeLongLog(out: Writable, batches: number): Promise<void> {
  const steps = batches / epochs;
  const write = async (text: string) => {
    if (!out.write(text)) await once(out, 'drain');
  };
  const event = (value: Record<string, unknown>) => `${JSON.stringify(value)}\n`;
  await write(event({ type: 'started', protocol: 1, pid: 1, nonce: 'n', script: 'a.ts', resumed: false, time: 1 }));
  await write(
    event({ type: 'stage', stage: 'head', epochs, learningRate: 1e-3, trainable: 1, cached: 0, images: 4, time: 1 }),
  );
  for (let epoch = 1; epoch <= epochs; epoch++) {
    let text = '';
    for (let step = 1; step <= steps; step++) {
      const i = (epoch - 1) * steps + step;
      const loss = i === 512_000 ? 50 : 2 / Math.sqrt(1 + i / 1000) + 0.1 * Math.sin(i * 0.7);
      text += `{"type":"batch","stage":"head","epoch":${epoch},"step":${step},"steps":${steps},"loss":${loss},"accuracy":0.90625,"learningRate":0.0009876543209876543,"imagesPerSecond":392.2574219731656,"memory":575520768,"time":${i}}\n`;
    }
    await write(text);
    const loss = 2 / Math.sqrt(1 + epoch * 10);
    await write(
      event({
        type: 'epoch',
        stage: 'head',
        epoch,
        train: { loss, accuracy: 0.9 },
        validation: { loss, accuracy: 0.9, macroF1: 0.9 },
        learningRate: 1e-3,
        ms: 5,
        epochs,
        best: true,
        time: epoch * steps,
      }),
    );
  }
  await write(event({ type: 'done', time: batches }));
  out.end();
}
