/** What a window or the command line may ask of a training process, one JSON object a line over its control socket. */
export type ControlRequest = {
  readonly id: number;
  /** From run.json: a request meant for another process is refused. */
  readonly nonce: string;
  readonly type: 'stop' | 'pause' | 'continue' | 'checkpoint';
};

export type ControlReply =
  { readonly id: number; readonly ok: true } | { readonly id: number; readonly ok: false; readonly message: string };
