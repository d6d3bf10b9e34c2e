import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { afterEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { weightsFile, type DownloadOptions } from '../../../../src/runtime/bases/download/download.js';
import type { WeightFile } from '../../../../src/runtime/bases/definition.js';
import { knownBases } from '../../../../src/runtime/bases/known.js';
import { mobileNetV2 } from '../../../../src/runtime/bases/definitions/index.js';
import { GraftError, StoppedError } from '../../../../src/common/errors.js';
import { fixtures } from '../../../support/made-up.js';
import { canMount } from '../../../support/disk.js';
import { temporaryFolder } from '../../../support/pictures.js';
import { inRun } from '../../../support/run.js';

// The same file in a process of its own: downloads what it is told.
const told = process.env['GRAFT_TEST_DOWNLOAD'];
if (told !== undefined) {
  const { file, cacheDir } = JSON.parse(told) as { file: WeightFile; cacheDir: string };
  const { sha256 } = await weightsFile(file, { cacheDir });
  console.log(sha256);
  process.exit(0);
}

/** 30 kB, readable as weights. */
const content = readFileSync(path.join(fixtures, 'tiny.h5'));
const sha256 = createHash('sha256').update(content).digest('hex');
const md5 = createHash('md5').update(content).digest('hex');
const hash = { algorithm: 'md5', digest: md5 } as const;

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;
interface Served {
  readonly file: WeightFile;
  readonly asked: { range: string | undefined; ifRange: string | undefined }[];
}

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Answers the first request with the first, and so on; all later ones with the last. */
async function serve(answers: readonly Answer[], published?: WeightFile['hash']): Promise<Served> {
  const asked: Served['asked'] = [];
  const server = http.createServer((request, response) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    const ifRange = request.headers['if-range'];
    asked.push({ range: request.headers.range, ifRange: typeof ifRange === 'string' ? ifRange : undefined });
    answer?.(request, response);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { file: { url: `http://127.0.0.1:${port}/weights.h5`, hash: published }, asked };
}

/** As a good server does: parts of the version that If-Range names, else the whole. */
const good =
  (body: Buffer = content, etag = '"1"'): Answer =>
  (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? NaN);
    const condition = request.headers['if-range'];
    if (Number.isNaN(start) || (condition !== undefined && condition !== etag)) {
      response.writeHead(200, { 'content-length': body.length, etag }).end(body);
    } else if (start >= body.length) {
      response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
    } else {
      const range = `bytes ${start}-${body.length - 1}/${body.length}`;
      response.writeHead(206, { 'content-length': body.length - start, 'content-range': range, etag });
      response.end(body.subarray(start));
    }
  };

/** Answers that have sent what they will, and wait to be broken off: what the client has not read by then is lost. */
const waiting = new Set<http.ServerResponse>();
const breakOff = (done: number) => {
  if (done !== 20_000) return;
  for (const response of waiting) response.destroy();
  waiting.clear();
};

/** Promises everything and breaks off, once the client has 20,000 bytes and calls `breakOff`. */
const cut =
  (bytes: number, headers: http.OutgoingHttpHeaders = { etag: '"1"', 'content-length': content.length }): Answer =>
  (_request, response) => {
    response.writeHead(200, headers);
    waiting.add(response);
    response.write(content.subarray(0, bytes));
  };

/** Promises everything, and stands still after 20,000 bytes. */
const begun: Answer = (_request, response) => {
  response.writeHead(200, { etag: '"1"', 'content-length': content.length });
  response.write(content.subarray(0, 20_000));
};

async function failure(file: WeightFile, options: DownloadOptions): Promise<string> {
  const error: unknown = await weightsFile(file, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof GraftError, `no GraftError: ${String(error)}`);
  return `${error.message} ${error.action}`;
}

/** What is there afterwards: the file, whole, and its hash. */
function assertKept(cacheDir: string): void {
  assert.deepEqual(readFileSync(path.join(cacheDir, 'weights.h5')), content);
  assert.equal(readFileSync(path.join(cacheDir, 'weights.h5.sha256'), 'utf8'), `${sha256}  weights.h5\n`);
  assert.deepEqual(readdirSync(cacheDir).sort(), ['weights.h5', 'weights.h5.sha256']);
}

test('a download is kept with its hash, and then found without the network', async () => {
  const cacheDir = path.join(temporaryFolder(), 'deep', 'cache');
  const { file, asked } = await serve([good()]);
  const progress: number[] = [];
  const first = await weightsFile(file, { cacheDir, onProgress: (bytes) => progress.push(bytes) });
  assert.deepEqual(first, { path: path.join(cacheDir, 'weights.h5'), sha256 });
  assert.equal(progress.at(-1), content.length);
  assertKept(cacheDir);
  assert.deepEqual(await weightsFile(file, { cacheDir }), first);
  assert.equal(asked.length, 1);
});

const refusals: readonly { what: string; answer: Answer; published?: WeightFile['hash']; why: RegExp }[] = [
  {
    what: 'a login page, as such',
    answer: (_, response) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>'),
    why: /answered with a web page \(text\/html.*log in first/,
  },
  {
    what: 'a login page that says it is a file',
    answer: (_, response) => response.end('<html>Welcome to this airport</html>'),
    why: /not the right one: it .*It was deleted/,
  },
  {
    what: 'another file than the published hash says',
    answer: good(Buffer.from('something else')),
    published: hash,
    why: /not the right one: its md5 is \w{32}, not \w{32}\. It was deleted/,
  },
  {
    what: 'half of it, with a length that lies',
    answer: good(content.subarray(0, 20_000)),
    why: /not the right one: it /,
  },
  {
    what: 'half of it, without a length',
    answer: (_, response) => {
      response.writeHead(200, { connection: 'close' });
      response.socket?.end(content.subarray(0, 20_000));
    },
    why: /broke off|not the right one|cannot be reached/,
  },
  {
    what: 'a chunked answer that is cut off',
    answer: cut(20_000, { 'transfer-encoding': 'chunked' }),
    why: /broke off after 20000 bytes.*continues where it stopped/,
  },
  {
    what: 'a reset connection',
    answer: (request) => request.socket.resetAndDestroy(),
    why: /cannot be reached.*give its path as weights/,
  },
  {
    what: 'an answer in an encoding',
    answer: (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(content),
    why: /in the encoding gzip/,
  },
  {
    what: 'a part that nobody asked for',
    answer: (_, response) =>
      response.writeHead(206, { 'content-range': `bytes 0-99/${content.length}` }).end(content.subarray(0, 100)),
    why: /answered 206/,
  },
  { what: 'an error', answer: (_, response) => response.writeHead(503).end(), why: /answered 503.*Try again later/ },
  {
    what: 'more than it may have, announced',
    answer: (_, response) => response.writeHead(200, { 'content-length': 3e9 }).end(),
    why: /sends 3000000000 bytes, more than such a file can have/,
  },
  {
    what: 'an answer without an end',
    answer: (_, response) => {
      const more = () =>
        response.write(Buffer.alloc(65_536), () => {
          if (!response.destroyed) setImmediate(more);
        });
      more();
    },
    why: /more than such a file can have \(1000000\)/,
  },
  ...['http://localhost/elsewhere', 'file:///etc/passwd', '//127.0.0.2/weights.h5', 'https://127.0.0.1/'].map(
    (location) => ({
      what: `a redirection to ${location}`,
      answer: ((_, response) => response.writeHead(302, { location }).end()) satisfies Answer,
      why: /leads to another address.*log in first/,
    }),
  ),
  {
    what: 'a redirection in a circle',
    answer: (request, response) => response.writeHead(302, { location: request.url }).end(),
    why: /leads to another address/,
  },
];
for (const { what, answer, published, why } of refusals) {
  test(`refused: ${what}; and the next try begins well`, async () => {
    const cacheDir = temporaryFolder();
    const bad = await serve([answer], published);
    assert.match(await failure(bad.file, { cacheDir, maxBytes: 1e6, onProgress: breakOff }), why);
    assert.ok(!existsSync(path.join(cacheDir, 'weights.h5')));
    const { file } = await serve([good()]);
    await weightsFile(file, { cacheDir });
    assertKept(cacheDir);
  });
}

test('a redirection within the same server is followed', async () => {
  const cacheDir = temporaryFolder();
  const { file } = await serve([(_, response) => response.writeHead(302, { location: '/mirror/x' }).end(), good()]);
  await weightsFile(file, { cacheDir });
  assertKept(cacheDir);
});

const second = Buffer.concat([content, Buffer.alloc(1_000)]);
const continuations: readonly {
  what: string;
  first?: Answer;
  then: readonly Answer[];
  published?: WeightFile['hash'];
  /** Ranges asked for, after the first request. */
  ranges: readonly (string | undefined)[];
}[] = [
  { what: 'from where it stopped', then: [good()], ranges: ['bytes=20000-'] },
  {
    what: 'by its date where there is no ETag',
    first: cut(20_000, { 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' }),
    then: [good(content, 'Wed, 21 Oct 2015 07:28:00 GMT')],
    ranges: ['bytes=20000-'],
  },
  { what: 'anew, where another version is there now', then: [good(content, '"2"')], ranges: ['bytes=20000-'] },
  {
    what: 'anew, where the server names no version',
    first: cut(20_000, {}),
    then: [good()],
    ranges: [undefined],
  },
  {
    what: 'anew, where its ETag promises nothing',
    first: cut(20_000, { etag: 'W/"1"' }),
    then: [good()],
    ranges: [undefined],
  },
  {
    what: 'without a version, where the hash is published',
    first: cut(20_000, {}),
    then: [good()],
    published: hash,
    ranges: ['bytes=20000-'],
  },
  {
    what: 'anew, where the whole is sent instead',
    then: [(_, response) => response.writeHead(200, { etag: '"1"', 'content-length': content.length }).end(content)],
    ranges: ['bytes=20000-'],
  },
  {
    what: 'anew, where the part is longer than the file (416)',
    then: [(_, response) => response.writeHead(416, { 'content-range': 'bytes */10' }).end(), good()],
    ranges: ['bytes=20000-', undefined],
  },
  ...[`bytes 0-${content.length - 1}/${content.length}`, `bytes 20000-${second.length - 1}/${second.length}`, 'x'].map(
    (range) => ({
      what: `anew, after the wrong Content-Range ${range}`,
      then: [
        ((_, response) => response.writeHead(206, { 'content-range': range }).end(content)) satisfies Answer as Answer,
        good(),
      ],
      ranges: ['bytes=20000-', undefined],
    }),
  ),
  {
    what: 'anew, where the rest does not fit to what was there',
    then: [
      (request, response) => {
        good(Buffer.alloc(content.length))(request, response);
      },
      good(),
    ],
    ranges: ['bytes=20000-', undefined],
  },
];
for (const { what, first = cut(20_000), then, published, ranges } of continuations) {
  test(`a download that broke off goes on ${what}`, async () => {
    const cacheDir = temporaryFolder();
    const { file, asked } = await serve([first, ...then], published);
    assert.match(await failure(file, { cacheDir, onProgress: breakOff }), /broke off after 20000/);
    assert.deepEqual(readdirSync(cacheDir), ['weights.h5.part']);
    await weightsFile(file, { cacheDir });
    assertKept(cacheDir);
    assert.deepEqual(
      asked.slice(1).map(({ range }) => range),
      ranges,
    );
  });
}

test('what lies where a part should be is cleared away', async () => {
  const outside = path.join(temporaryFolder(), 'outside');
  writeFileSync(outside, 'mine');
  const folder = (part: string, make: () => void) => {
    mkdirSync(part);
    make();
  };
  const source = JSON.stringify({ url: 'http://127.0.0.1/', validator: '"1"', total: 10 });
  const cases: readonly ((part: string) => void)[] = [
    (part) => {
      writeFileSync(part, content.subarray(0, 20_000));
    },
    (part) => {
      symlinkSync(outside, part);
    },
    (part) => {
      symlinkSync(path.dirname(outside), part);
    },
    (part) => {
      folder(part, () => {
        symlinkSync(outside, path.join(part, 'content'));
        writeFileSync(path.join(part, 'source.json'), source);
      });
    },
    (part) => {
      folder(part, () => {
        mkdirSync(path.join(part, 'content', 'deep'), { recursive: true });
        writeFileSync(path.join(part, 'source.json'), source);
      });
    },
    (part) => {
      folder(part, () => {
        writeFileSync(path.join(part, 'content'), 'x'.repeat(20_000));
        writeFileSync(path.join(part, 'source.json'), '['.repeat(1_000));
      });
    },
  ];
  for (const make of cases) {
    const cacheDir = temporaryFolder();
    make(path.join(cacheDir, 'weights.h5.part'));
    const { file } = await serve([good()]);
    await weightsFile(file, { cacheDir });
    assertKept(cacheDir);
  }
  assert.equal(readFileSync(outside, 'utf8'), 'mine');
});

test('a server that sends next to nothing is given up; what came is kept', async () => {
  const cacheDir = temporaryFolder();
  const trickle: Answer = (_, response) => {
    response.writeHead(200, { etag: '"1"', 'content-length': content.length });
    let at = 0;
    const timer = setInterval(() => response.write(content.subarray(at, ++at)), 20);
    response.once('close', () => {
      clearInterval(timer);
    });
  };
  const silent: Answer = () => undefined;
  for (const answer of [trickle, silent]) {
    const { file } = await serve([answer]);
    assert.match(
      await failure(file, { cacheDir, stallMs: 1_000 }),
      /stands still: in 1 s next to nothing arrived, \d+ bytes in all\. Check the network and start it again/,
    );
  }
  assert.deepEqual(readdirSync(cacheDir), ['weights.h5.part']);
});

test('a signal ends it with its own reason, and what came is kept', async () => {
  const cacheDir = temporaryFolder();
  const { file, asked } = await serve([begun, good()]);
  const stop = new AbortController();
  const reason = new Error('Stopped.');
  const onProgress = (bytes: number) => {
    if (bytes >= 20_000) stop.abort(reason);
  };
  await assert.rejects(weightsFile(file, { cacheDir, signal: stop.signal, onProgress }), (error) => error === reason);
  await assert.rejects(weightsFile(file, { cacheDir, signal: stop.signal }), (error) => error === reason);
  await weightsFile(file, { cacheDir });
  assertKept(cacheDir);
  assert.equal(asked[1]?.range, 'bytes=20000-');
});

const damages: readonly { what: string; damage: (file: string) => void }[] = [
  {
    what: 'a flipped bit',
    damage: (file) => {
      const bytes = readFileSync(file);
      bytes[20_000] = (bytes[20_000] ?? 0) ^ 1;
      writeFileSync(file, bytes);
    },
  },
  {
    what: 'a cut',
    damage: (file) => {
      writeFileSync(file, content.subarray(0, 10_000));
    },
  },
];
for (const published of [undefined, hash]) {
  for (const { what, damage } of damages) {
    test(`${what} in a cached file ${published ? 'with' : 'without'} a published hash heals, with a sentence`, async () => {
      const cacheDir = temporaryFolder();
      const { file } = await serve([good()], published);
      const { path: cached } = await weightsFile(file, { cacheDir });
      damage(cached);
      const said: string[] = [];
      await weightsFile(file, { cacheDir, onDamaged: (message) => said.push(message) });
      assertKept(cacheDir);
      assert.match(said.join(), /weights\.h5 is damaged: its \w+ is \w+, not \w+\. It is downloaded again\.$/);
      // Where it cannot be downloaded, it stays, and both reasons are said.
      damage(cached);
      const dead = await serve([(request) => request.socket.destroy()], published);
      assert.match(await failure(dead.file, { cacheDir }), /is damaged: .* cannot be reached: .*give its path/);
      assert.ok(existsSync(cached));
    });
  }
}

test('a file of an older version has its hash written down when it is readable, and is fetched again when not', async () => {
  for (const [old, requests] of [
    [content, 0],
    [content.subarray(0, 10_000), 1],
  ] as const) {
    const cacheDir = temporaryFolder();
    writeFileSync(path.join(cacheDir, 'weights.h5'), old);
    const { file, asked } = await serve([good()]);
    await weightsFile(file, { cacheDir });
    assertKept(cacheDir);
    assert.equal(asked.length, requests);
  }
});

function download(file: WeightFile, cacheDir: string): ChildProcess {
  const env = { ...process.env, GRAFT_TEST_DOWNLOAD: JSON.stringify({ file, cacheDir }) };
  return fork(fileURLToPath(import.meta.url), [], { env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
}
async function output(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return `${text.trim()} ${code ?? 'killed'}`;
}

test('three processes at once: none fails, and one whole file is there', async () => {
  const cacheDir = temporaryFolder();
  const slow: Answer = (_, response) => {
    response.writeHead(200, { etag: '"1"', 'content-length': content.length });
    response.write(content.subarray(0, 20_000));
    setTimeout(() => response.end(content.subarray(20_000)), 1_000);
  };
  const { file } = await serve([slow]);
  const outputs = await Promise.all([1, 2, 3].map(() => output(download(file, cacheDir))));
  assert.deepEqual(
    outputs,
    [1, 2, 3].map(() => `${sha256} 0`),
  );
  assertKept(cacheDir);
});

test('what a killed process has received is continued', async () => {
  const cacheDir = temporaryFolder();
  const { file, asked } = await serve([begun, good()]);
  const child = download(file, cacheDir);
  const arrived = () => readdirSync(cacheDir).some((name) => sizeOf(path.join(cacheDir, name, 'content')) === 20_000);
  while (!arrived()) await new Promise((resolve) => setTimeout(resolve, 50));
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
  await weightsFile(file, { cacheDir });
  assertKept(cacheDir);
  assert.deepEqual(asked[1], { range: 'bytes=20000-', ifRange: '"1"' });
});

function sizeOf(file: string): number {
  return existsSync(file) ? readFileSync(file).length : 0;
}

test(
  'a full disk is named; with room the download goes on',
  { skip: canMount() ? false : 'needs the right to mount a small tmpfs' },
  async () => {
    const cacheDir = temporaryFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48k', 'tmpfs', cacheDir]);
    try {
      const ballast = path.join(cacheDir, 'ballast');
      writeFileSync(ballast, Buffer.alloc(24_576));
      const { file } = await serve([good()]);
      assert.match(await failure(file, { cacheDir }), /the disk is full.*Free some space/);
      rmSync(ballast);
      await weightsFile(file, { cacheDir });
      assertKept(cacheDir);
    } finally {
      execFileSync('umount', [cacheDir]);
    }
  },
);

test('what is in the way of the cached file is named', async () => {
  const cacheDir = temporaryFolder();
  mkdirSync(path.join(cacheDir, 'weights.h5'));
  const { file } = await serve([good()]);
  assert.match(await failure(file, { cacheDir }), /weights\.h5 is a folder, not a file/);
  const inTheWay = path.join(temporaryFolder(), 'file');
  writeFileSync(inTheWay, '');
  assert.match(await failure(file, { cacheDir: path.join(inTheWay, 'cache') }), /cannot be written.*Remove what is in/);
});

test('Stop ends the download of a run’s base', async (context) => {
  // The publishers' addresses are asked, so nobody answers: but one who would end when told.
  context.mock.method(globalThis, 'fetch', async (_url: string, { signal }: { signal: AbortSignal }) => {
    await once(signal, 'abort');
    throw signal.reason as Error;
  });
  await inRun(temporaryFolder(), async (run) => {
    setTimeout(() => {
      run.control.handle('stop');
    }, 100);
    await assert.rejects(mobileNetV2({ includeTop: false, cacheDir: temporaryFolder() }), StoppedError);
  });
});

test('the addresses of weights are the publisher’s, and of files that can be checked', () => {
  const files = knownBases.flatMap(({ weights }) => (weights === 'bundled' ? [] : [weights.top, weights.notop]));
  for (const file of files) {
    if (file === undefined) continue;
    const { protocol, host, pathname } = new URL(file.url);
    assert.deepEqual([protocol, host, path.extname(pathname)], ['https:', 'storage.googleapis.com', '.h5']);
  }
});
