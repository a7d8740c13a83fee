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
