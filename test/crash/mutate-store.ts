import { existsSync } from 'node:fs';
import type { Delivery } from '../../alerts/outbox/delivery.ts';
import type { Alert, Alerts } from '../../alerts/state.ts';
import { instant } from '../../src/core/time.ts';
import { openSqlite } from '../../src/store/sqlite.ts';

const same = <Value>(value: Value): Value => value;

/** Rewrites a store between two lives. */
export const changeStore =
  (
    changeDelivery: (delivery: Delivery) => Delivery = same,
    changeAlert: (alert: Alert) => Alert = same,
  ) =>
  async (file: string): Promise<void> => {
    if (!existsSync(file)) return;
    const { store } = await openSqlite(file, { clock: { now: () => instant(0) } });
    const { documents, deliveries } = store.load(instant(0));
    store.commit({
      deliveries: deliveries.map(changeDelivery),
      documents: Object.fromEntries(
        Object.entries(documents)
          .filter(([key]) => key.startsWith('alerts/'))
          .map(([key, value]) => [key, changed(value as Alerts, changeAlert)]),
      ),
    });
    store.close();
  };

const changed = (state: Alerts, change: (alert: Alert) => Alert): Alerts => ({
  ...state,
  alerts: Object.fromEntries(
    Object.entries(state.alerts).map(([key, alert]) => [key, change(alert)]),
  ),
});
