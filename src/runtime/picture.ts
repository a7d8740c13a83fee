import type { Catalogue } from '../../alerts/catalogue.ts';
import type { Delivery } from '../../alerts/outbox/delivery.ts';
import type { Silence } from '../../alerts/quiet.ts';
import type { Alerts } from '../../alerts/state.ts';
import type { Window } from '../../alerts/windows.ts';
import type { ChannelConfig } from '../config/alerting.ts';
import type { Instant } from '../core/time.ts';
import type { Entry, Question } from '../store/store.ts';
import type { Alerting } from './alerting.ts';

/** A channel, and whether it works. */
export interface Outlet extends Pick<ChannelConfig, 'name' | 'severity' | 'regions'> {
  /** Told only when an alert has escalated so far. */
  readonly level: number;
  /** It is shown everything that goes on, and sent no messages. */
  readonly mirror?: 'shadow' | 'primary';
  /** Why it does not deliver at present. */
  readonly trouble?: string;
}

/** All that is known about alerts at one moment: of a monitor that runs, or as its store has it. */
export interface Picture {
  readonly now: Instant;
  readonly states: readonly Alerts[];
  readonly silences: readonly Silence[];
  readonly windows: readonly Window[];
  readonly outlets: readonly Outlet[];
  /** Absent: nothing is configured yet. */
  readonly catalogue?: Catalogue;
  /** Why what is shown would not survive a restart. */
  readonly trouble?: string;
  /** Those that are known of every live episode, and of those that ended lately. */
  readonly deliveries: readonly Delivery[];
  /** The newest lines that fit, oldest first. @throws when the store cannot be read. */
  readonly journal: (question: Question) => readonly Entry[];
}

/** What a running monitor knows now. */
export function pictureOf(alerting: Alerting): Picture {
  const { ledger, desk, settings, catalogue, channels, silences } = alerting;
  const { trouble } = ledger;
  const facts = channels.facts();
  const mirrors = new Map(channels.mirrors.map(({ config, mirror }) => [config.name, mirror.mode]));
  return {
    now: alerting.now(),
    states: desk.states(),
    silences,
    windows: settings?.maintenance ?? [],
    outlets: (settings?.channels ?? []).map((config) => {
      const mirror = mirrors.get(config.name);
      const failing = facts.find(({ channel, failing: fails }) => channel === config.name && fails);
      return {
        ...outletOf(config),
        ...(mirror !== undefined && { mirror }),
        ...(failing !== undefined && { trouble: failing.why ?? 'it does not deliver' }),
      };
    }),
    ...(catalogue !== undefined && { catalogue }),
    ...(trouble !== undefined && { trouble }),
    deliveries: ledger.deliveries(),
    journal: (question) => ledger.journal(question),
  };
}

/** A channel as it is configured, whether it works or not. */
export const outletOf = ({ name, severity, regions, escalation }: ChannelConfig): Outlet => ({
  name,
  severity,
  level: escalation,
  ...(regions !== undefined && { regions }),
});
