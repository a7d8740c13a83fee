import type { Check, CheckResult, Trigger } from './check.ts';
import type { Region } from './region.ts';
import type { Instant } from './time.ts';

/** Everything that happens inside the monitor and that another part may care about. */
export type MonitorEvent =
  /** Somebody wants a run: the schedule, an event from outside, a finding that needs confirmation. */
  | {
      readonly type: 'check.requested';
      readonly check: Check;
      readonly region: Region;
      readonly trigger: Trigger;
    }
  /** A run was not started because the one before still goes on. */
  | { readonly type: 'check.overlapped'; readonly check: string; readonly region: string }
  /** A planned time passed without a start: the process was busy or asleep. */
  | { readonly type: 'schedule.missed'; readonly checks: readonly string[] }
  /** A run has ended, well or badly. */
  | {
      readonly type: 'check.completed';
      readonly result: CheckResult;
      readonly before: CheckResult | undefined;
    }
  /** A check has not completed for far longer than its schedule allows. */
  | {
      readonly type: 'check.overdue';
      readonly check: string;
      readonly region: string;
      readonly since: Instant;
    }
  /** Somebody asked for a look and was answered: with a run of his own, or in another way. */
  | {
      readonly type: 'probe.answered';
      readonly check: string;
      readonly way: 'ran' | 'joined' | 'kept' | 'late' | 'refused';
    }
  /** A new configuration was offered. */
  | {
      readonly type: 'config.loaded';
      readonly accepted: boolean;
      readonly problems: readonly string[];
    };

export type EventOf<Type extends MonitorEvent['type']> = Extract<MonitorEvent, { type: Type }>;
