import { z } from 'zod';
import type { CheckContext } from '../../core/check.ts';
import { CheckFailure, toFailure } from '../../core/failure.ts';
import type { Limit } from '../../core/ports/network.ts';
import { between, instant, seconds, type Instant } from '../../core/time.ts';
import { decodeReply, encodeQuestion, type DhcpReply } from '../../protocol/dhcp.ts';

/*
 * What is asked on a segment, and how often. DHCPINFORM binds nothing and holds nothing, but only servers answer
 * it that are declared authoritative, and the dhcpd.conf that MAAS writes declares no such thing: its server logs a
 * complaint and is silent. DHCPDISCOVER every server answers, a stranger's too, as long as no DHCPREQUEST
 * follows without a lease. It costs ISC's dhcpd two lines of log, an echo request to the address that it
 * would give (for which it waits a second), and that one address, always the same, held back in memory for two
 * minutes; nothing is written to its lease file, and no hook of MAAS runs.
 *
 * So INFORM is asked first; DISCOVER where that was not answered by all, where it is time to look for
 * strangers again, and as long as there is one. An INFORM that is not answered by all is not repeated for an hour.
 */

/** Seconds. */
const [STRANGERS_EVERY, INFORM_AGAIN] = [300, 3600] as const;
const INFORM = { timeout: seconds(1) };
/** dhcpd waits a second for an echo before it offers. */
const DISCOVER = { timeout: seconds(3) };

const moment = z.number().transform(instant);
const leg = z.object({
  /** When all servers were asked last, and how many strangers answered. */
  asked: z.object({ at: moment, strangers: z.int().min(0) }).optional(),
  /** When INFORM was last not answered by all. */
  vain: moment.optional(),
});
const legs = z.record(z.string(), leg);

/** What is remembered of one leg. */
export type Remembered = z.infer<typeof leg>;
export type Legs = z.infer<typeof legs>;

/** What an earlier run remembered, if it is of this shape. */
export const parseLegs = (value: unknown): Legs => legs.safeParse(value).data ?? {};

/** One answer that was heard. */
export interface Heard {
  /** The address that it came from. */
  readonly from: string;
  /** A failure: it could not be read. */
  readonly reply: DhcpReply | CheckFailure;
}

/** The addresses under which the sender of an answer may be configured. */
export const namesOf = ({ from, reply }: Heard): readonly string[] => {
  if (reply instanceof CheckFailure) return [from];
  const { server, relay } = reply;
  // What a relay passes on comes from the relay.
  if (server !== undefined && relay !== undefined) return [server];
  return [...new Set([...(server === undefined ? [] : [server]), from])];
};

/** A stranger's, unless all its addresses are of configured servers. */
export const isStranger = (heard: Heard, servers: readonly string[]): boolean =>
  !namesOf(heard).every((name) => servers.includes(name));

/** What was heard on one leg, and what to remember of that. */
export interface Look {
  readonly heard: readonly Heard[];
  /** How many strangers there are, by the newest question that every server answers. */
  readonly strangers: number;
  readonly remembered: Remembered;
}

type Context = CheckContext<Legs>;

/** Asks on one leg. @throws CheckFailure when that cannot be done. */
export async function lookOn(
  name: string,
  servers: readonly string[],
  before: Remembered,
  context: Context,
): Promise<Look> {
  const at = context.clock.steady();
  const mayInform = !context.once && !isYoung(before.vain, at, INFORM_AGAIN);
  const informed = mayInform ? await ask('inform', name, context, INFORM) : [];
  const isWhole = mayInform && answeredByAll(informed, servers);
  if (isWhole && isCalm(before, at) && strangersIn(informed, servers) === 0)
    return { heard: informed, strangers: 0, remembered: before };
  const heard = [...informed, ...(await ask('discover', name, context, DISCOVER))];
  const strangers = strangersIn(heard, servers);
  return { heard, strangers, remembered: { asked: { at, strangers }, ...vainNow(before) } };

  function vainNow({ vain }: Remembered): Pick<Remembered, 'vain'> {
    if (isWhole) return {};
    return mayInform ? { vain: at } : { vain };
  }
}

const isYoung = (at: Instant | undefined, now: Instant, limit: number): boolean =>
  at !== undefined && between(at, now) >= 0 && between(at, now) < limit;

/** All were asked a short time ago, and no stranger was among those that answered. */
const isCalm = ({ asked }: Remembered, now: Instant): boolean =>
  asked?.strangers === 0 && isYoung(asked.at, now, STRANGERS_EVERY);

const answeredByAll = (heard: readonly Heard[], servers: readonly string[]): boolean =>
  servers.every((server) => heard.some((each) => namesOf(each).includes(server)));

const strangersIn = (heard: readonly Heard[], servers: readonly string[]): number =>
  new Set(heard.filter((each) => isStranger(each, servers)).map((each) => namesOf(each).join(' ')))
    .size;

async function ask(
  type: 'inform' | 'discover',
  name: string,
  { io }: Context,
  limit: Limit,
): Promise<readonly Heard[]> {
  const replies = await io.dhcp.broadcast((own) => encodeQuestion(type, own), {
    interface: name,
    ...limit,
  });
  return replies.map(({ from, bytes }) => ({ from: from.host, reply: read(bytes) }));
}

function read(bytes: Uint8Array): DhcpReply | CheckFailure {
  try {
    return decodeReply(bytes);
  } catch (error) {
    return toFailure(error);
  }
}
