import { join } from 'node:path';
import type { Alerting as Settings } from '../config/alerting.ts';
import type { Clock } from '../core/time.ts';
import { StoreBusy, StoreFailure } from '../store/failure.ts';
import { Ledger } from '../store/ledger.ts';

interface Means {
  readonly clock: Clock;
  readonly print: (line: string) => void;
  readonly dryRun?: boolean;
  readonly at?: (label: string) => void;
}

/** Why a ledger that was opened elsewhere keeps nothing for a newer configuration. */
export const MOVED = 'the configuration keeps its state elsewhere now: that takes a restart';

/** The store's file in the folder that the configuration names. */
export const storeFile = (folder: string): string => join(folder, 'maasha.db');

/**
 * The ledger of a configuration. A store that cannot be had makes the monitor louder, not silent: it
 * goes on from memory. One that another process has is refused, or two would tell of everything.
 *
 * @throws StoreBusy
 */
export async function openLedger(
  settings: Settings | undefined,
  { clock, print, dryRun, at }: Means,
): Promise<Ledger> {
  const options = { clock, onTrouble: print, onMended: print, ...(at !== undefined && { at }) };
  if (settings?.state === undefined || dryRun === true) return Ledger.open(options);
  try {
    const ledger = await Ledger.open({ ...options, file: storeFile(settings.state) });
    if (ledger.replaced !== undefined)
      print(
        `the store could not be read: ${ledger.replaced.why}; it is kept at ${ledger.replaced.movedTo}`,
      );
    return ledger;
  } catch (error) {
    if (!(error instanceof StoreFailure) || error instanceof StoreBusy) throw error;
    print(`${error.message}; alerting goes on from memory, and a restart forgets it`);
    return Ledger.open({
      ...options,
      because: error.message,
      beginWith: storeFile(settings.state),
    });
  }
}
