import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Secret } from '../../src/core/secret.ts';
import { seconds, type Instant } from '../../src/core/time.ts';
import type { Channel, Notifier, Parcel, Surroundings } from '../notifier.ts';
import { alertEvent, type AlertEvent } from './http/cloud-event.ts';
import { exchange, handshake, LIMIT, type Outgoing } from './http/exchange.ts';
import { durationWithin, file, hostOf, isConfidential, isNear, url } from './http/fields.ts';
import { demandAccepted } from './http/verdict.ts';

/*
 * Tells another program, by POST, in CloudEvents 1.0. Any 2xx is an acceptance. Where the answer was
 * lost the event is sent again with the same id and Idempotency-Key: the receiver drops the repetition.
 */

const URL_FORM =
  'an https URL, or an http one on a loopback or private address (other events would be open to read and to change)';
const CLEAR = 'https in `url` (or a loopback address), so that nobody reads the token';

const settings = z
  .strictObject(
    {
      url: url(URL_FORM, (each) => each.protocol === 'https:' || isNear(each)),
      mode: z
        .enum(
          ['structured', 'binary'],
          'structured (all of the event in the body) or binary (its attributes in headers)',
        )
        .default('structured'),
      token_file: file.optional(),
      signing_secret_file: file.optional(),
      ca_file: file.optional(),
      timeout: durationWithin(1, 60, 'a duration from 1s to 60s').default(LIMIT),
    },
    'a section: { url: https://hooks.example.org/maasha, token_file: /etc/maasha/hook }',
  )
  .refine(
    (given) =>
      given.token_file === undefined ||
      !URL.canParse(given.url) ||
      isConfidential(new URL(given.url)),
    { path: ['token_file'], message: CLEAR },
  );

type Settings = z.output<typeof settings>;

const notifier: Notifier<Settings> = {
  name: 'webhook',
  about: 'Posts every notice to a URL, as a CloudEvent.',
  edits: true,
  settings,
  reaches: (given) => [hostOf(new URL(given.url))],
  open: (given, surroundings) => openWebhook(given, surroundings),
};

export default notifier;

function openWebhook(given: Settings, { clock, monitor, secret }: Surroundings): Channel {
  const target = new URL(given.url);
  const token = secret('token_file');
  const signing = secret('signing_secret_file');
  const secrets = [token, signing].filter((each) => each !== undefined);
  const outgoing = (more: Pick<Outgoing, 'headers' | 'body'>): Outgoing => ({
    method: 'POST',
    url: target,
    ca: secret('ca_file')?.reveal(),
    limit: seconds(given.timeout),
    ...more,
  });

  return {
    is: 'channel',
    send: async ({ id, notice }: Parcel, _, signal) => {
      const { body, headers } = ENCODE[given.mode](alertEvent(id, notice, monitor));
      const all = {
        ...headers,
        'idempotency-key': headerText(id),
        ...(token !== undefined && { authorization: `Bearer ${token.reveal()}` }),
        ...(signing !== undefined && signature(headerText(id), body, signing, clock.now())),
      };
      const answer = await exchange(outgoing({ headers: all, body }), { clock, signal });
      demandAccepted(answer, { where: target.host, now: clock.now(), secrets });
      return { status: answer.status };
    },
    test: async (signal) => provenBy(target, await handshake(outgoing({}), { clock, signal })),
    close: () => Promise.resolve(),
  };
}

/** Nothing but an event shows whether events are taken; so this says how far the proof goes. */
const provenBy = ({ host }: URL, protocol: string): string =>
  `${host} takes connections (${protocol}); whether it takes events is not proven: that needs one (notify-test)`;

interface Encoded {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** CloudEvents' HTTP binding 1.0.2, sections 3.1 and 3.2. */
const ENCODE: Readonly<Record<Settings['mode'], (event: AlertEvent) => Encoded>> = {
  structured: (event) => ({
    headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
    body: JSON.stringify(event),
  }),
  binary: ({ data, datacontenttype, ...attributes }) => ({
    headers: {
      'content-type': datacontenttype,
      ...Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [`ce-${name}`, headerText(value)]),
      ),
    },
    body: JSON.stringify(data),
  }),
};

/** What a header may not hold, percent-encoded: CloudEvents' HTTP binding, section 3.1.3.2. */
const headerText = (value: string): string =>
  // Half a surrogate pair, which has no encoding, comes back from UTF-8 as U+FFFD.
  Buffer.from(value)
    .toString('utf8')
    .replaceAll(/[^\x21\x23-\x24\x26-\x7e]/gu, encodeURIComponent);

/**
 * The headers of Standard Webhooks (`v1`): HMAC-SHA256 over `ID.TIMESTAMP.BODY`, so that neither the
 * body nor its moment can be changed. A secret that begins with `whsec_` is base64, as that convention
 * writes it; any other is taken as it stands.
 */
function signature(
  id: string,
  body: string,
  secret: Secret,
  now: Instant,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000));
  const [, encoded] = /^whsec_(.+)$/.exec(secret.reveal()) ?? [];
  const key = encoded === undefined ? Buffer.from(secret.reveal()) : Buffer.from(encoded, 'base64');
  const proof = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${proof}`,
  };
}
