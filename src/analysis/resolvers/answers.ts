import { query, type Place } from '../dns/servers.ts';
import { CheckFailure, isSilence } from '../../core/failure.ts';
import type { DnsReply, Question } from '../../core/ports/dns.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { Region } from '../../core/region.ts';
import { formatDuration, seconds, type Seconds } from '../../core/time.ts';

/* What a deployed machine asks its resolvers, and what each of them answers. */

/**
 * - `answers`  with what was asked for
 * - `denies`   it says that there is no such name (NXDOMAIN)
 * - `empty`    it says that there is nothing of that kind
 * - `fails`    it answers with an error (SERVFAIL and others)
 * - `refuses`  it does not resolve for the monitor (REFUSED)
 * - `silent`   nothing comes
 * - `closed`   the host says that nobody listens
 */
export const ANSWER_STATES = [
  'answers',
  'denies',
  'empty',
  'fails',
  'refuses',
  'silent',
  'closed',
] as const;
export type AnswerState = (typeof ANSWER_STATES)[number];

/** Which name is asked for: one of MAAS, or one outside of it. */
export type Which = 'inside' | 'outside';

export interface Answer {
  readonly state: AnswerState;
  /** Until this resolver's answer, or the word that nobody listens; absent where nothing came. */
  readonly took?: Seconds;
  readonly says: string;
  /** Sorted; present where addresses were asked for. */
  readonly addresses?: readonly string[];
}

/** A resolver, and what it answered; a failure says that it could not be asked. */
export interface Resolver {
  readonly name: string;
  readonly inside: Answer | CheckFailure;
  /** Absent where no such name is configured. */
  readonly outside?: Answer | CheckFailure;
}

/** How long a machine waits for one server before it asks the next, by default (resolv.conf(5), `timeout`). */
export const PATIENCE = seconds(5);

type Dns = NonNullable<Region['dns']>;

/** Asks one resolver as a machine does: recursively, and one datagram only. */
export async function askResolver(
  io: Ports,
  at: Place,
  { zones: [zone = '.'], insideName, outsideName }: Dns,
): Promise<Resolver> {
  const put = async (question: Question): Promise<Answer | CheckFailure> =>
    readAnswer(
      question,
      await query(io, at, { ...question, recurse: true }, { timeout: PATIENCE, tries: 1 }),
    );
  const [inside, outside] = await Promise.all([
    put(insideName === undefined ? { name: zone, type: 'SOA' } : { name: insideName, type: 'A' }),
    outsideName === undefined ? undefined : put({ name: outsideName, type: 'A' }),
  ]);
  return { name: at.name, inside, ...(outside !== undefined && { outside }) };
}

const STATES: Readonly<Record<string, AnswerState>> = { NXDOMAIN: 'denies', REFUSED: 'refuses' };

/** What the reply to a question comes to. */
function readAnswer(
  { name, type }: Question,
  reply: DnsReply | CheckFailure,
): Answer | CheckFailure {
  if (reply instanceof CheckFailure) {
    if (!isSilence(reply)) return reply;
    return reply.code === 'refused'
      ? { state: 'closed', took: seconds(0), says: `nobody listens there to be asked for ${name}` }
      : { state: 'silent', says: `has no answer for ${name} within ${formatDuration(PATIENCE)}` };
  }
  const { rcode, answers, took, transport } = reply;
  if (rcode !== 'NOERROR')
    return { state: STATES[rcode] ?? 'fails', took, says: `answers ${rcode} for ${name}` };
  if (!answers.some((each) => each.type === type))
    return { state: 'empty', took, says: `has no ${type} of ${name}` };
  const addresses = answers.flatMap((each) => (each.type === 'A' ? [each.address] : [])).sort();
  const cut = transport === 'tcp' ? ', cut off by UDP and fetched again by TCP' : '';
  const what = addresses.length === 0 ? '' : ` with ${addresses.join(', ')}`;
  return {
    state: 'answers',
    took,
    says: `answers for ${name}${what} in ${formatDuration(took)}${cut}`,
    ...(addresses.length > 0 && { addresses }),
  };
}
