/** What the demonstration watches, and how. */
export interface Stage {
  /** What it is, plainly. */
  readonly title: string;
  /** What there is to watch. */
  readonly watched: string;
  /** Shell commands: how to look at it, and at what goes on. */
  readonly look: string;
  readonly alerts: string;
  /** What the end leaves. */
  readonly end: string;
  /** The monitor's command, and its working directory. */
  readonly command: readonly string[];
  readonly directory: string;
  /** A file whose change, at a heal, is news for the monitor. */
  readonly follows: string;
  /** Brings that news into the monitor's own configuration, where that is another file. */
  readonly renew?: () => void;
  down(): Promise<void>;
}

export interface Wanted {
  /** The built command-line program. */
  readonly main: string;
  readonly host: string;
  readonly port: number;
  /** Somebody wants to stop: a start that is under way is to be undone. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}
