import { randomBytes } from 'node:crypto';
import {
  DeliveryFailure,
  type Channel,
  type Mirror,
  type Notifier,
  type Receipt,
} from '../../alerts/notifier.ts';
import type { Notice } from '../../alerts/notice.ts';
import type { ChannelConfig } from '../config/alerting.ts';
import { oneLine } from '../core/describe.ts';
import { printable } from '../core/printable.ts';
import { systemClock } from '../io/clock.ts';
import { seconds, type Instant } from '../core/time.ts';
import { ulid } from '../core/ulid.ts';
import { colours } from './colours.ts';
import { EXIT, UsageError } from './exit.ts';
import { setup, type Setup } from './setup.ts';

interface Options {
  readonly config?: string;
  readonly region?: string;
  readonly onlyCheck?: boolean;
  readonly preview?: string;
  readonly alert?: string;
}

/**
 * `maasha notify-test [CHANNEL…]`: opens the configured channels here, without service and store,
 * proves each as far as that goes without telling anybody, and then sends each a message. Or prints
 * what would be sent about an alert.
 */
export async function notifyTest(names: readonly string[], options: Options): Promise<void> {
  if (options.preview !== undefined) {
    const { preview } = await import('./preview.ts');
    await preview(names, { ...options, preview: options.preview });
    return;
  }
  if (options.alert !== undefined)
    throw new UsageError(
      '--alert says what --preview is about: maasha notify-test slack --preview - --alert MaasHaNodeDown',
    );
  const ready = await setup(options.config);
  const channels = chosenChannels(ready, names);
  const outcomes = [];
  for (const config of channels) outcomes.push(await tried(config, ready, options));
  process.exitCode = outcomes.every((well) => well) ? EXIT.ok : EXIT.critical;
}

/** The channels that are meant: all, if none is named. @throws UsageError */
function chosenChannels(
  { config }: Pick<Setup, 'config'>,
  names: readonly string[],
): readonly ChannelConfig[] {
  const all = config.alerting?.channels ?? [];
  if (all.length === 0)
    throw new UsageError(`${config.file} has no channel: nobody is told of anything`);
  const strange = names.filter((name) => !all.some((each) => each.name === name));
  if (strange.length > 0)
    throw new UsageError(
      `no channel is named ${strange.map((name) => printable(name)).join(', ')}; there is ${all.map(({ name }) => name).join(', ')}`,
    );
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

/** The hard end of one attempt, as the service has it. */
const PATIENCE = seconds(45);

/** True when all that was tried went well. */
async function tried(config: ChannelConfig, ready: Setup, options: Options): Promise<boolean> {
  const notifier = ready.notifiers.find(({ name }) => name === config.notifier);
  if (notifier === undefined) throw new UsageError(`no channel is of the kind ${config.notifier}`);
  const channel = open(notifier, config, ready);
  try {
    const proven = await step(config, 'check', () => within((signal) => channel.test(signal)));
    if (!proven || options.onlyCheck === true) return proven;
    if (channel.is === 'mirror') {
      say(config, 'sent', 'nothing: a mirror is shown alerts that go on, not messages', true);
      return true;
    }
    return await delivered(channel, config, ready);
  } finally {
    await channel.close();
  }
}

const open = (
  notifier: Notifier,
  config: ChannelConfig,
  { config: { alerting } }: Setup,
): Channel | Mirror =>
  notifier.open(config.settings, {
    channel: config.name,
    clock: systemClock,
    monitor: alerting?.monitor ?? 'maasha',
    secret: config.secret,
    print: (line) => {
      process.stdout.write(`${line}\n`);
    },
  });

async function delivered(
  channel: Channel,
  config: ChannelConfig,
  { config: { regions } }: Setup,
): Promise<boolean> {
  const notice = trialNotice(systemClock.now(), regions[0]?.name ?? 'monitor', config);
  const { id: episode } = notice.episode;
  const parcel = { id: `${episode}/${config.name}/test/1`, notice };
  let complete = true;
  const sent = await step(config, 'sent', async () => {
    const receipt = await within((signal) =>
      channel.send(parcel, { episode, receipts: [] }, signal),
    );
    complete = receipt['rejected'] === undefined;
    return wordsOf(receipt);
  });
  return sent && complete;
}

/** A person tries the channel. */
const trialNotice = (now: Instant, region: string, { name }: ChannelConfig): Notice => ({
  kind: 'test',
  reason: 'maasha notify-test',
  at: now,
  region,
  rule: 'MaasHaTest',
  severity: 'info',
  labels: { channel: name },
  summary: 'a person tries this channel; nothing is wrong',
  standing: 'firing',
  episode: { id: ulid(now, randomBytes(10)), startsAt: now },
  explains: [],
  evidence: [],
  holders: [],
});

/** Where it went: what the channel remembers of it. */
const wordsOf = (receipt: Receipt): string =>
  Object.entries(receipt)
    .map(([key, value]) => `${key} ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join('; ');

async function step(
  config: ChannelConfig,
  what: string,
  does: () => Promise<string>,
): Promise<boolean> {
  try {
    say(config, what, await does(), true);
    return true;
  } catch (error) {
    if (!(error instanceof DeliveryFailure)) throw error;
    say(config, what, `${error.message} [${error.trouble}]`, false);
    return false;
  }
}

function say({ name }: ChannelConfig, what: string, says: string, well: boolean): void {
  const { state } = colours(process.stdout);
  const word = well ? state('ok')('ok    ') : state('critical')('failed');
  process.stdout.write(`${name.padEnd(12)}  ${what.padEnd(5)}  ${word}  ${oneLine(says)}\n`);
}

/** Runs something of a channel until its deadline. */
async function within<Value>(run: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const life = new AbortController();
  let cancel: () => void = () => undefined;
  const over = new Promise<never>((_, reject) => {
    cancel = systemClock.after(PATIENCE, () => {
      const failure = new DeliveryFailure('unknown', `no answer within ${PATIENCE} s`);
      life.abort(failure);
      reject(failure);
    });
  });
  try {
    return await Promise.race([run(life.signal), over]);
  } finally {
    cancel();
  }
}
