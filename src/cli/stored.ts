import { catalogueOf } from '../../alerts/catalogue.ts';
import type { Silence } from '../../alerts/quiet.ts';
import type { Alerts } from '../../alerts/state.ts';
import { DEFAULT_TIMERS } from '../../alerts/timers.ts';
import { instant, isoTime, type Instant } from '../core/time.ts';
import { systemClock } from '../io/clock.ts';
import { SILENCES } from '../runtime/alert-commands.ts';
import { watchesOf } from '../runtime/alert-names.ts';
import { storeFile } from '../runtime/open-ledger.ts';
import { outletOf, type Picture } from '../runtime/picture.ts';
import { StoreFailure } from '../store/failure.ts';
import { openSqlite } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { ask, NobodyThere } from './client.ts';
import { UsageError } from './exit.ts';
import { setup, type Setup } from './setup.ts';

const DAY = 86_400_000;

/**
 * What the running monitor answers at this path; while none runs, the same made from its store, and
 * that is said.
 */
export async function answered<View>(
  given: string | undefined,
  path: string,
  look: (picture: Picture) => View,
): Promise<View> {
  const ready = await setup(given);
  try {
    return await ask<View>(ready.config, { method: 'GET', path });
  } catch (error) {
    if (!(error instanceof NobodyThere)) throw error;
    return await stored(ready, error, look);
  }
}

async function stored<View>(
  ready: Setup,
  nobody: NobodyThere,
  look: (picture: Picture) => View,
): Promise<View> {
  const folder = ready.config.alerting?.state;
  if (folder === undefined)
    throw new UsageError(
      `${nobody.message}, and nothing is kept: the configuration has no alerting.state`,
    );
  const store = await opened(storeFile(folder), nobody);
  try {
    const picture = pictureIn(store, ready);
    process.stderr.write(
      `maasha: ${nobody.message}; this is what it knew at ${isoTime(picture.now)}\n`,
    );
    return look(picture);
  } finally {
    store.close();
  }
}

async function opened(file: string, nobody: NobodyThere): Promise<Store> {
  try {
    return (await openSqlite(file, { clock: systemClock, readOnly: true })).store;
  } catch (error) {
    if (error instanceof StoreFailure) throw new UsageError(`${nobody.message}; ${error.message}`);
    throw error;
  }
}

/** What a monitor knew when it was last heard of. */
function pictureIn(store: Store, { config, checks, catalogue }: Setup): Picture {
  const { documents } = store.load(systemClock.now());
  // Only the monitor writes them.
  const states = Object.entries(documents)
    .filter(([key]) => key.startsWith('alerts/'))
    .map(([, state]) => state as Alerts);
  const now: Instant =
    states.length === 0 ? systemClock.now() : instant(Math.max(...states.map(({ wall }) => wall)));
  return {
    now,
    states,
    silences: (documents[SILENCES] as readonly Silence[] | undefined) ?? [],
    windows: config.alerting?.maintenance ?? [],
    outlets: (config.alerting?.channels ?? []).map(outletOf),
    catalogue: catalogueOf(
      watchesOf(checks),
      DEFAULT_TIMERS,
      catalogue.flatMap(({ rules }) => rules),
    ),
    deliveries: store.load(instant(now - DAY)).deliveries,
    journal: (question) => store.journal(question),
  };
}
