// More than 300 lines: one case for each message of the webview; what a case does is elsewhere where it is more than a call.
import {
  isActive,
  assertUnreachable,
  checkWebviewMessage,
  figuresIn,
  isNumber,
  isObject,
  panelVersion,
  purposeOf,
  withoutPreset,
  type HostMessage,
  type PanelControl,
  type PanelView,
  type ReportView,
  type RunReport,
  type RunRow,
  type WebviewMessage,
} from '../../protocol/index.js';
import { outsideOf, pictureFile, pictureFolder, pictureKind } from '../../runtime/data/places.js';
import { compared } from '../../words/index.js';
import { activityOf } from '../runs/activity.js';
import { twinOf } from '../runs/twin.js';
import type { Runs, RunSummary, Service } from '../interfaces.js';
import { answerOf } from './answer.js';
import type { Editor } from './editor.js';
import { FormHost } from './form-host.js';
import { PictureHost } from './picture-host.js';
import { RunFeed } from './run-feed.js';
import { TryHost } from './try-host.js';

/** A training writes as many into its report. */
const mostMistakes = 200;

interface SessionParts {
  readonly runs: Runs;
  readonly service: Service;
  readonly editor: Editor;
  /** Starts a script and returns the new run's id. */
  readonly train: (script: string) => Promise<string | undefined>;
  readonly post: (message: HostMessage) => void;
  readonly log: (message: string) => void;
  /** A run is shown. */
  readonly onShown: (id: string) => void;
  /** Something that the walkthrough asks for was done here. */
  readonly did: (step: 'script' | 'use') => void;
}

/** The host's side of one panel: answers its webview, follows the runs that it shows. */
export class PanelSession {
  readonly #form: FormHost;
  readonly #try: TryHost;
  readonly #pictures: PictureHost;
  readonly #feeds = new Map<string, RunFeed>();
  #view: PanelView | undefined;
  /** Asked for by a command while the webview could not hear. */
  #pending: PanelView | undefined;
  #listening = false;

  constructor(private readonly parts: SessionParts) {
    this.#form = new FormHost(parts.editor, parts.service);
    this.#try = new TryHost(parts.editor, parts.service);
    this.#pictures = new PictureHost(parts.editor, parts.service);
  }

  /** Shows something; at once, or as soon as the webview is there. */
  show(view: PanelView): void {
    if (this.#listening) this.#navigate(view);
    else this.#pending = view;
  }

  /** The webview was hidden or is loading: it hears nothing until it says `ready` again. */
  suspend(): void {
    this.#listening = false;
    this.#stopFeeds();
  }

  onRunsChanged(): void {
    if (!this.#listening) return;
    this.#postRuns();
    for (const feed of this.#feeds.values()) feed.refresh();
    // The newest run was asked for, and now there is one.
    if (this.#view?.kind === 'run' && this.#feeds.size === 0) this.#navigate(this.#view);
  }

  /** Whether this run is on the page. */
  shows(id: string): boolean {
    return this.#feeds.has(id);
  }

  onTrustChanged(): void {
    if (this.#listening) this.#hello();
  }

  /** What was asked with a ticket is answered in any case: the page waits for it. */
  async receive(value: unknown): Promise<void> {
    const { post, editor } = this.parts;
    const message = checkWebviewMessage(value);
    const ticket = isObject(value) && isNumber(value['ticket']) ? value['ticket'] : undefined;
    if (message === undefined) {
      this.parts.log(`The training panel sent something that is not a message: ${JSON.stringify(value).slice(0, 200)}`);
      const why = { message: editor.t('This cannot be asked for.'), action: editor.t('Reload the window.') };
      if (ticket !== undefined) post({ type: 'answer', ticket, answer: { ok: false, ...why } });
      return;
    }
    if (ticket === undefined) await this.#noticed(this.#handle(message));
    else post({ type: 'answer', ticket, answer: await answerOf(this.#handle(message)) });
  }

  dispose(): void {
    this.suspend();
  }

  /** @returns what was asked for. */
  async #handle(message: WebviewMessage): Promise<unknown> {
    const { editor, post } = this.parts;
    switch (message.type) {
      case 'ready':
        this.#stopFeeds();
        this.#hello();
        this.#postRuns();
        // What the page remembers is for a new window alone: one that was hidden quickly had no time to remember what it showed last,
        // and one that asks once more, because the answer is late, does not undo what has been shown meanwhile.
        this.#navigate(this.#pending ?? this.#view ?? message.view ?? { kind: 'run' });
        this.#listening = true;
        this.#pending = undefined;
        return undefined;
      case 'drawn':
        this.#feeds.get(message.id)?.onDrawn();
        return undefined;
      case 'navigate':
        this.#navigate(message.view);
        return undefined;
      case 'control':
        await this.#control(message.id, message.request);
        return undefined;
      case 'detail':
        return await this.#feeds.get(message.id)?.detail(message.from, message.to);
      case 'picture': {
        const pictures = this.#feeds.get(message.id)?.pictures;
        const file = pictures?.allowed && (await pictureFile(pictures.directory, message.file, [pictures.allowed]));
        return file && (await this.#pictures.address(file));
      }
      case 'openImage': {
        const pictures = this.#feeds.get(message.id)?.pictures;
        const allowed = pictures === undefined ? [] : [pictures.allowed ?? [], editor.workspaceFolders].flat();
        const file = pictures && (await pictureFile(pictures.directory, message.file, allowed));
        if (file === undefined)
          post({ type: 'notice', message: editor.t('{0} cannot be opened on its own.', message.file) });
        else if ((await pictureKind(file)) === 'shown') await editor.openFile(file, true);
        else if (this.#mayRun()) await editor.openPreview(file, true);
        return undefined;
      }
      case 'openScript': {
        const script = this.parts.runs.get(message.id)?.info.script;
        if (script === undefined) return undefined;
        if (!editor.trusted && (await outsideOf([script], editor.workspaceFolders)).length > 0) {
          const message = editor.t('The script {0} is outside of this workspace.', script);
          post({
            type: 'notice',
            message,
            action: editor.t('Trust the workspace first, or open the script yourself.'),
          });
        } else if (await editor.exists(script)) await editor.openFile(script);
        else {
          const message = editor.t('The script {0} is gone.', script);
          post({ type: 'notice', message, action: editor.t('Put it back where it was.') });
        }
        return undefined;
      }
      case 'command': {
        await editor.runCommand(message.command, message.id);
        return undefined;
      }
      case 'saveFile': {
        const encoding = message.format === 'png' ? 'base64' : 'utf8';
        await editor.saveFile(message.name, message.format, Buffer.from(message.content, encoding));
        return undefined;
      }
      case 'try':
      case 'choosePictures': {
        if (this.#view?.kind !== 'try' || !this.#mayRun()) return undefined;
        const { model } = this.#view;
        const seen = await (message.type === 'try'
          ? this.#try.look(model, message.pictures, message.files)
          : this.#try.choose(model));
        if (seen !== undefined) this.parts.did('use');
        return seen;
      }
      case 'listBases':
        return await this.#form.listBases();
      case 'describeBase':
        return await this.#form.describeBase(message.base);
      case 'summarizeData':
        return await this.#form.summarizeData(message.folder);
      case 'choose':
        return await this.#form.choose(message.what, message.current);
      case 'preview':
        return await this.#form.preview(message.choice);
      case 'write': {
        const written = await this.#form.write(message.choice);
        if (written === undefined) return undefined;
        this.parts.did('script');
        // That it is written is said before it trains.
        if (message.train && this.#mayRun()) setTimeout(() => void this.#train(written.file));
        return written.shown;
      }
      default:
        return assertUnreachable(message);
    }
  }

  async #train(script: string): Promise<void> {
    const id = await this.#noticed(this.parts.train(script));
    if (id !== undefined) this.#navigate({ kind: 'run', id });
  }

  /** What nobody waits for says in a banner why it does not work. */
  async #noticed<T>(work: Promise<T>): Promise<T | undefined> {
    const answer = await answerOf(work, this.parts.log);
    if (answer.ok) return answer.value;
    const { message, action } = answer;
    this.parts.post({ type: 'notice', message, ...(action === undefined ? {} : { action }) });
    return undefined;
  }

  #hello(): void {
    const { trusted, workspaceFolders } = this.parts.editor;
    this.parts.post({ type: 'hello', version: panelVersion, trusted, workspace: workspaceFolders.length > 0 });
  }

  #postRuns(): void {
    const runs = this.parts.runs.list();
    this.parts.post({ type: 'runs', runs: runs.map((run) => rowOf(run, runs)) });
  }

  #navigate(view: PanelView): void {
    const newest = this.parts.runs.list()[0]?.id;
    // The newest run gets its name now: the panel does not jump to another one later.
    const id = view.kind === 'run' ? (view.id ?? newest) : undefined;
    const named: PanelView = view.kind === 'run' && id !== undefined ? { kind: 'run', id } : view;
    this.parts.post({ type: 'view', view: named });
    this.#view = withoutPreset(named);
    if (view.kind === 'run' && (id === undefined || this.parts.runs.get(id) === undefined))
      this.parts.post({ type: 'noRun', ...(id === undefined ? {} : { id }) });
    const shown = named.kind === 'compare' ? named.ids : id === undefined ? [] : [id];
    this.#stopFeeds();
    for (const run of shown) this.#follow(run);
    for (const run of this.#feeds.keys()) this.parts.onShown(run);
  }

  #follow(id: string): void {
    const run = this.parts.runs.get(id);
    if (run === undefined || this.#feeds.has(id)) return;
    const feed = new RunFeed(id, run.folder, {
      post: (message) => {
        if (this.#feeds.get(id) === feed) this.parts.post(message);
      },
      summary: () => this.parts.runs.get(id),
      follow: (follower) => this.parts.runs.follow(id, follower),
      onData: async (directory) => {
        const { trusted, workspaceFolders } = this.parts.editor;
        return await pictureFolder(directory, { folders: workspaceFolders, elsewhere: trusted });
      },
      onReport: (report) => {
        if (this.#feeds.get(id) === feed) this.parts.post({ type: 'report', id, report: viewOf(report) });
      },
    });
    this.#feeds.set(id, feed);
    feed.start().catch((error: unknown) => {
      this.parts.post({
        type: 'notice',
        message: this.parts.editor.t('Run {0} cannot be read: {1}', id, String(error)),
      });
    });
  }

  async #control(id: string, request: PanelControl): Promise<void> {
    if (request !== 'resume') await this.parts.runs.control(id, request);
    else if (this.#mayRun()) await this.parts.runs.resume(id);
  }

  #mayRun(): boolean {
    const { editor, post } = this.parts;
    if (editor.trusted) return true;
    post({
      type: 'notice',
      message: editor.t('This workspace is not trusted, so nothing is run from it.'),
      action: editor.t('Trust it with "Workspaces: Manage Workspace Trust", then try again.'),
    });
    return false;
  }

  #stopFeeds(): void {
    this.#pictures.drop();
    for (const [id, feed] of this.#feeds) {
      feed.dispose();
      this.#feeds.delete(id);
    }
  }
}

function viewOf(report: RunReport): ReportView {
  const { classes, test, timing, seed } = report;
  const tested = test === undefined ? {} : { test };
  // Only so many are shown.
  const mistakes = report.mistakes.slice(0, mostMistakes);
  return { ...figuresIn(report), classes, ...tested, mistakes, timing, seed };
}

function rowOf(run: RunSummary, runs: readonly RunSummary[]): RunRow {
  const { id, title, starred, info, status, best, measured } = run;
  const twin = twinOf(run, runs);
  const pairs = measured && twin?.measured && compared(measured, twin.measured);
  return {
    id,
    title,
    starred,
    ...(isActive(run) ? { activity: activityOf(run) } : {}),
    script: info.script,
    status,
    startTime: info.startTime,
    purpose: purposeOf(info),
    ...(best === undefined ? {} : { best }),
    ...(measured === undefined ? {} : { pictures: measured.pictures }),
    ...(twin === undefined ? {} : { twin: twin.id }),
    ...(pairs === undefined ? {} : { pairs }),
  };
}
