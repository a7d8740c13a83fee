import { z } from 'zod';
import { seconds } from '../../src/core/time.ts';
import { DeliveryFailure, type Mirror, type Notifier, type Trouble } from '../notifier.ts';
import { openPeer, type Offer, type Peer, type Refusal } from './http/alertmanager-peer.ts';
import { file, hostOf, isConfidential, text, url } from './http/fields.ts';
import { postableAlert } from './http/postable-alert.ts';

/*
 * Shows Alertmanager what goes on (its API v2), as Prometheus does: everything, again and again, to
 * every peer of a cluster and never through a load balancer, since the peers tell each other what
 * they have notified and not what they were sent.
 */

/** Four times the interval of the pushes, as Prometheus has it: three of them may be lost. */
const LASTS = seconds(4 * 60);

const URL_FORM =
  'the base URL of an Alertmanager peer, such as http://10.0.0.5:9093, without user, password and query';

const settings = z
  .strictObject(
    {
      urls: z
        .array(
          url(URL_FORM, ({ search }) => search === ''),
          'a list of URLs',
        )
        .min(1, 'at least one URL')
        .max(5, 'at most five URLs: every peer of the cluster once'),
      mode: z
        .enum(
          ['shadow', 'primary'],
          'shadow (told besides the channels) or primary (it tells people instead of them)',
        )
        .default('shadow'),
      token_file: file.optional(),
      ca_file: file.optional(),
      site: text('the value of the label `site`').optional(),
      generator_url: url('the URL that an alert links back to').optional(),
    },
    'a section: { urls: [http://10.0.0.5:9093], mode: shadow }',
  )
  .refine(({ token_file, urls }) => token_file === undefined || urls.every(confidential), {
    path: ['token_file'],
    message: 'https in every one of `urls` (or a loopback address), so that nobody reads the token',
  });

const confidential = (candidate: string): boolean =>
  URL.canParse(candidate) && isConfidential(new URL(candidate));

type Settings = z.output<typeof settings>;

const notifier: Notifier<Settings> = {
  name: 'alertmanager',
  about: 'Mirrors all alerts to an Alertmanager cluster.',
  settings,
  reaches: ({ urls }) => urls.map((each) => hostOf(new URL(each))),
  open: ({ urls, mode, site, generator_url }, { clock, secret }): Mirror => {
    const access = { clock, ca: secret('ca_file')?.reveal(), token: secret('token_file') };
    const peers = [...new Set(urls)].map((each) => openPeer(each, access));
    const form = { site, generatorUrl: generator_url, lasts: LASTS };
    return {
      is: 'mirror',
      mode,
      push: async (alerts, signal) => {
        const now = clock.now();
        const offers = alerts.map((alert) => ({ alert, says: postableAlert(alert, now, form) }));
        conclude(
          offers,
          await Promise.all(peers.map((peer) => outcomeOf(peer, () => peer.offer(offers, signal)))),
        );
      },
      test: async (signal) =>
        describe(
          await Promise.all(peers.map((peer) => outcomeOf(peer, () => peer.version(signal)))),
        ),
      close: () => Promise.resolve(),
    };
  },
};

export default notifier;

/** What came of one peer. */
type Outcome<T> =
  | { readonly at: string; readonly gave: T }
  | { readonly at: string; readonly failure: DeliveryFailure };

const outcomeOf = async <T>({ at }: Peer, ask: () => Promise<T>): Promise<Outcome<T>> => {
  try {
    return { at, gave: await ask() };
  } catch (error) {
    if (error instanceof DeliveryFailure) return { at, failure: error };
    throw error;
  }
};

/**
 * Good when at least one peer took everything that can be taken at all.
 *
 * @throws DeliveryFailure `refused` when something was taken by nobody while the rest was; else what
 *   kept all peers from answering.
 */
function conclude(
  offers: readonly Offer[],
  outcomes: readonly Outcome<readonly Refusal[]>[],
): void {
  const answers = outcomes.flatMap((outcome) => ('gave' in outcome ? [outcome.gave] : []));
  const [first, ...others] = answers;
  if (first === undefined) throw nobody(outcomes);
  const lost = first.filter(({ offer }) =>
    others.every((refusals) => refusals.some((refusal) => refusal.offer === offer)),
  );
  if (lost.length === 0) return;
  const named = lost
    .slice(0, 3)
    .map(({ offer: { alert }, failure }) => `${alert.region}/${alert.rule}: ${failure.message}`);
  const rest = offers.length - lost.length;
  throw new DeliveryFailure(
    'refused',
    `${lost.length} of ${offers.length} alerts refused, the other ${rest} taken: ${named.join('; ')}`,
    { partly: rest > 0 },
  );
}

function nobody(outcomes: readonly Outcome<unknown>[]): DeliveryFailure {
  const failures = outcomes.flatMap((outcome) => ('failure' in outcome ? [outcome.failure] : []));
  const only = (trouble: Trouble): boolean => failures.every((each) => each.trouble === trouble);
  const message = `no Alertmanager answered well: ${failures.map((each) => each.message).join('; ')}`;
  if (only('closed')) return new DeliveryFailure('closed', message);
  // What may have been delivered is only shown once more by the next push.
  if (!only('limited')) return new DeliveryFailure('again', message);
  const pauses = failures.flatMap(({ retryAfter }) => retryAfter ?? []);
  return new DeliveryFailure(
    'limited',
    message,
    pauses.length === 0 ? {} : { retryAfter: seconds(Math.min(...pauses)) },
  );
}

function describe(outcomes: readonly Outcome<string>[]): string {
  const well = outcomes.filter((outcome) => 'gave' in outcome);
  if (well.length === 0) throw nobody(outcomes);
  const each = outcomes.map((outcome) =>
    'gave' in outcome ? `${outcome.at} is Alertmanager ${outcome.gave}` : outcome.failure.message,
  );
  return `${well.length} of ${outcomes.length} peers answered: ${each.join('; ')}`;
}
