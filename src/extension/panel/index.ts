import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

import * as vscode from 'vscode';

import { isPanelView, type PanelView } from '../../protocol/index.js';
import { language } from '../language.js';
import { distFile } from '../node.js';
import type { PanelPlace, Runs, Service, TrainingPanel } from '../interfaces.js';
import type { Walkthrough } from '../walkthrough.js';
import { panelHtml } from './html.js';
import { PanelSession } from './session.js';
import { VsCodeEditor } from './vscode-editor.js';

export const panelViewType = 'graft.training';

interface Open {
  readonly panel: vscode.WebviewPanel;
  readonly session: PanelSession;
}

/** The one training panel of a window, restored by the editor after a reload. */
export function createTrainingPanel(
  context: vscode.ExtensionContext,
  {
    runs,
    service,
    log,
    walkthrough,
  }: {
    readonly runs: Runs;
    readonly service: Service;
    readonly log: vscode.LogOutputChannel;
    readonly walkthrough: Walkthrough;
  },
): TrainingPanel & vscode.Disposable {
  const title = vscode.l10n.t('Graft Training');
  const shown = new vscode.EventEmitter<string>();
  let current: Open | undefined;

  const attach = (panel: vscode.WebviewPanel): Open => {
    const { webview } = panel;
    const editor = new VsCodeEditor(panel);
    const session = new PanelSession({
      runs,
      service,
      editor,
      train: async (script) => (await runs.train(vscode.Uri.file(script)))?.id,
      post: (message) => void webview.postMessage(message),
      log: (message) => {
        log.warn(message);
      },
      onShown: (id) => {
        shown.fire(id);
      },
      did: (step) => {
        walkthrough.did(step);
      },
    });
    const open = { panel, session };
    current = open;
    const subscriptions = vscode.Disposable.from(
      webview.onDidReceiveMessage((message: unknown) => session.receive(message)),
      panel.onDidChangeViewState(() => {
        // A hidden webview is gone; when it is shown again it starts anew and says so.
        if (!panel.visible) session.suspend();
      }),
      runs.onDidChange(() => {
        session.onRunsChanged();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        session.onTrustChanged();
      }),
    );
    panel.onDidDispose(() => {
      subscriptions.dispose();
      session.dispose();
      if (current === open) current = undefined;
    });
    panel.iconPath = vscode.Uri.joinPath(context.extensionUri, 'media', 'icon.png');
    webview.options = { enableScripts: true, localResourceRoots: [] };
    const asset = (name: 'panel.js' | 'panel.css') => readFileSync(distFile(context, `webview/${name}`), 'utf8');
    webview.html = panelHtml({
      nonce: randomBytes(16).toString('hex'),
      script: asset('panel.js'),
      style: asset('panel.css'),
      language: language(),
      title,
      loading: vscode.l10n.t('Loading…'),
      texts: vscode.l10n.bundle ?? {},
    });
    return open;
  };

  const show = (view: PanelView, place?: PanelPlace) => {
    const preserveFocus = place !== undefined;
    const viewColumn = place === 'beside' ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    const open =
      current ??
      attach(
        vscode.window.createWebviewPanel(panelViewType, title, { viewColumn, preserveFocus }, { enableScripts: true }),
      );
    open.session.show(view);
    // One that is open already, where the focus is, would cover what it should stand beside.
    const covers = place === 'beside' && open.panel.viewColumn === vscode.window.tabGroups.activeTabGroup.viewColumn;
    open.panel.reveal(covers ? vscode.ViewColumn.Beside : undefined, preserveFocus);
  };

  const serializer = vscode.window.registerWebviewPanelSerializer(panelViewType, {
    deserializeWebviewPanel: (panel: vscode.WebviewPanel, state: unknown) => {
      current?.panel.dispose();
      const { session } = attach(panel);
      // The webview remembers more than this; it is only for one that cannot.
      if (typeof state === 'object' && state !== null && 'view' in state && isPanelView(state.view))
        session.show(state.view);
      return Promise.resolve();
    },
  });

  const disposable = new vscode.Disposable(() => {
    serializer.dispose();
    shown.dispose();
    current?.panel.dispose();
  });
  return Object.assign(disposable, {
    onDidShow: shown.event,
    shows: (id: string) => current?.panel.visible === true && current.session.shows(id),
    showRun: (id?: string, place?: PanelPlace) => {
      show({ kind: 'run', ...(id === undefined ? {} : { id }) }, place);
    },
    showForm: (preset?: { readonly data?: string; readonly base?: string }) => {
      show({ kind: 'form', ...preset });
    },
    tryModel: (model: string, name: string) => {
      show({ kind: 'try', model, name });
    },
    compare: (ids: readonly string[]) => {
      show({ kind: 'compare', ids });
    },
  });
}
