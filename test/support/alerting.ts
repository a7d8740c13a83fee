import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { Notice } from '../../alerts/notice.ts';
import type { DeliveryFailure, Gesture, Notifier } from '../../alerts/notifier.ts';
import type { ChannelConfig } from '../../src/config/alerting.ts';
import type { Config } from '../../src/config/load.ts';
import type { Check, CheckResult } from '../../src/core/check.ts';
import type { Observation } from '../../src/core/metric.ts';
import { judge } from '../../src/core/rule.ts';
import { seconds } from '../../src/core/time.ts';
import { Alerting, type AlertingParts } from '../../src/runtime/alerting.ts';
import { FakeClock } from './clock.ts';
import { region } from './region.ts';
import { result } from './results.ts';

/** A kind of channel that keeps what it was told, and fails as it is told. */
export class Recording {
  readonly told: { readonly channel: string; readonly notice: Notice }[] = [];
  readonly failures = new Map<string, DeliveryFailure>();
  gestures: readonly Gesture[] = [];

  readonly notifier: Notifier = {
    name: 'recording',
    about: 'Keeps what it was told.',
    settings: z.strictObject({}),
    reaches: () => [],
    open: (_, { channel }) => ({
      is: 'channel',
      send: async ({ id, notice }) => {
        const failure = this.failures.get(channel);
        if (failure !== undefined) throw failure;
        this.told.push({ channel, notice });
        return { id };
      },
      gestures: async () => this.gestures,
      test: async () => 'it works',
      close: async () => {},
    }),
  };

  /** `slack open MaasHaNode node=rc1`, one for each message. */
  lines(): readonly string[] {
    return this.told.map(({ channel, notice: { kind, rule, labels } }) =>
      [channel, kind, rule, ...Object.entries(labels).map((pair) => pair.join('='))].join(' '),
    );
  }
}

export const channel = (name: string, change: Partial<ChannelConfig> = {}): ChannelConfig => ({
  name,
  notifier: 'recording',
  severity: 'warning',
  escalation: 0,
  settings: {},
  secret: () => undefined,
  ...change,
});

/** A configuration with these channels and nothing on disk. */
export const config = (channels: readonly ChannelConfig[]): Config => ({
  file: 'maasha.yaml',
  listen: { host: '127.0.0.1', port: 0 },
  regions: [region()],
  checks: {},
  alerting: { maintenance: [], channels },
});

/** Everything between a finished check and a message, on a clock that a test moves. */
export async function alerting(
  checks: readonly Check[],
  configured: Config,
  change: Partial<AlertingParts> = {},
) {
  const clock = new FakeClock();
  const recording = new Recording();
  const printed: string[] = [];
  const made = await Alerting.open(configured.alerting, {
    clock,
    notifiers: [recording.notifier],
    declared: checks.flatMap(({ rules }) => rules),
    results: () => [],
    random: () => 0.5,
    print: (line) => printed.push(line),
    onError: (error, where) => printed.push(`defect: ${where}: ${String(error)}`),
    ...change,
  });
  await made.configure(configured, checks);
  const calm = async (): Promise<void> => {
    for (let turn = 0; turn < 8; turn += 1) await setImmediate();
  };
  return {
    alerting: made,
    clock,
    recording,
    printed,
    calm,
    /** Time passes, second by second. */
    pass: async (by: number): Promise<void> => {
      for (let second = 0; second < by; second += 1) {
        clock.advance(1);
        await calm();
      }
    },
    /** A check has finished, having seen this. */
    round: async (
      check: Check,
      observations: readonly Observation[],
      changes: Partial<CheckResult> = {},
    ): Promise<void> => {
      made.take(
        result(check.name, observations, {
          startedAt: clock.now(),
          took: seconds(0),
          findings: judge(check.rules, observations),
          ...changes,
        }),
      );
      await calm();
    },
  };
}
