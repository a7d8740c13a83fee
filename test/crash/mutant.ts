import type { Notifier } from '../../alerts/notifier.ts';
import type { Ledger } from '../../src/store/ledger.ts';
import type { Label, Script } from './script.ts';
import type { Act } from './stage.ts';

/** What a broken variant can reach. */
export interface Tools {
  readonly ledger: () => Ledger | undefined;
}

/** The monitor with one defect put in from outside; the product itself is as it is. */
export interface Mutant {
  readonly name: string;
  /** Which of the checker's properties it must break: the begin of a violation. */
  readonly breaks: string;
  /** The script with more of what shows it, so that few seeds are needed. */
  readonly provoked?: (script: Script) => Script;
  readonly feed?: (act: Act) => Act;
  readonly wrap?: (notifier: Notifier, tools: Tools) => Notifier;
  readonly at?: (label: Label, ledger: Ledger) => void;
  /** Between two lives, on the store's file. */
  readonly between?: (file: string) => Promise<void> | void;
}
