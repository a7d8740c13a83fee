import type { Channel, Notifier, Parcel } from '../../alerts/notifier.ts';
import type { Alerting as Settings, ChannelConfig } from '../../src/config/alerting.ts';
import type { Config } from '../../src/config/load.ts';
import type { CheckResult } from '../../src/core/check.ts';
import { observe } from '../../src/core/metric.ts';
import { judge, type Rule } from '../../src/core/rule.ts';
import { seconds, type Clock } from '../../src/core/time.ts';
import { Alerting } from '../../src/runtime/alerting.ts';
import { testCheck, tooHigh, value } from './checks.ts';
import { region } from './region.ts';
import { result } from './results.ts';

/** Not bad before a minute. */
const tooLow: Rule = {
  ...tooHigh,
  name: 'MaasHaTestTooLow',
  severity: 'warning',
  when: { below: -10 },
  for: seconds(60),
};

const CHECK = testCheck({ rules: [tooHigh, tooLow] });

/** A look of the test check: one value for each node. */
export function seen(values: Readonly<Record<string, number>>): CheckResult {
  const observations = Object.entries(values).map(([node, each]) => observe(value, each, { node }));
  return result('test', observations, { findings: judge(CHECK.rules, observations) });
}

/** A channel that takes everything. */
export function outlet(sent: Parcel[] = []): Notifier {
  return {
    name: 'outlet',
    about: 'A channel for tests.',
    settings: undefined,
    reaches: () => [],
    open: (): Channel => ({
      is: 'channel',
      send: async (parcel) => {
        sent.push(parcel);
        return { took: parcel.id };
      },
      test: async () => 'takes everything',
      close: async () => {},
    }),
  };
}

export const channelConfig = (changes: Partial<ChannelConfig> = {}): ChannelConfig => ({
  name: 'ops',
  notifier: 'outlet',
  severity: 'warning',
  escalation: 0,
  settings: {},
  secret: () => undefined,
  ...changes,
});

const alertingConfig = (changes: Partial<Settings> = {}): Config => ({
  file: 'maasha.yaml',
  listen: { host: '127.0.0.1', port: 9877 },
  regions: [region()],
  checks: {},
  alerting: { maintenance: [], channels: [], ...changes },
});

/** An alerting of the test check on maas3, in force; in memory, unless the settings name a folder. */
export async function openAlerting(
  clock: Clock,
  changes: Partial<Settings> = {},
  notifiers: readonly Notifier[] = [outlet()],
): Promise<Alerting> {
  const config = alertingConfig(changes);
  const alerting = await Alerting.open(config.alerting, {
    clock,
    notifiers,
    declared: CHECK.rules,
    results: () => [],
    random: () => 0.5,
    print: () => {},
    onError: (error) => {
      throw error;
    },
  });
  await alerting.configure(config, [CHECK]);
  return alerting;
}
