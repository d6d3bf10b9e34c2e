import { formatOf } from '../../runtime/data/image/formats.js';
import { readRegularFile } from '../../common/read-file.js';
import type { Service } from '../interfaces.js';
import type { Editor } from './editor.js';

/** A HEIC photo takes a second. */
const [picturesAtOnce, thumbnailSide] = [8, 192];
/** What browsers show and is not larger goes to the page as it is; where nothing is run, also what is. */
const [smallBytes, mostBytes] = [128 << 10, 16 << 20];

interface Waiting {
  readonly file: string;
  readonly resolve: (jpeg: string | undefined) => void;
}

/** Pictures for the page, as addresses that hold them. */
export class PictureHost {
  #waiting: Waiting[] = [];
  #isWorking = false;

  constructor(
    private readonly editor: Editor,
    private readonly service: Service,
  ) {}

  /** Undefined for what cannot be shown. */
  async address(file: string): Promise<string | undefined> {
    const { trusted } = this.editor;
    const whole = await readRegularFile(file, trusted ? smallBytes : mostBytes).catch(() => undefined);
    const format = whole && formatOf(whole);
    if (whole !== undefined && format?.inBrowsers === true)
      return `data:image/${format.name.replace('jpg', 'jpeg')};base64,${whole.toString('base64')}`;
    return trusted ? await this.#thumbnail(file) : undefined;
  }

  /** The page shows something else: what it waited for is not made any more. */
  drop(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve(undefined);
  }

  async #thumbnail(file: string): Promise<string | undefined> {
    const jpeg = await new Promise<string | undefined>((resolve) => {
      this.#waiting.push({ file, resolve });
      if (!this.#isWorking) void this.#work();
    });
    return jpeg && `data:image/jpeg;base64,${jpeg}`;
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#waiting.length > 0) {
      const some = this.#waiting.splice(0, picturesAtOnce);
      const request = { files: some.map(({ file }) => file), side: thumbnailSide };
      const made = await this.service.call('thumbnails', request).catch(() => []);
      for (const [i, { resolve }] of some.entries()) resolve(made[i] ?? undefined);
    }
    this.#isWorking = false;
  }
}
