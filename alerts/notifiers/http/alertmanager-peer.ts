import type { Secret } from '../../../src/core/secret.ts';
import { between, instant, type Clock, type Instant } from '../../../src/core/time.ts';
import type { Mirrored } from '../../mirror.ts';
import { DeliveryFailure } from '../../notifier.ts';
import { exchange, LIMIT, type Outgoing } from './exchange.ts';
import type { PostableAlert } from './postable-alert.ts';
import { demandAccepted } from './verdict.ts';

/** An alert, and how it is put to Alertmanager. */
export interface Offer {
  readonly alert: Mirrored;
  readonly says: PostableAlert;
}

/** An alert that a peer will not have, and why. */
export interface Refusal {
  readonly offer: Offer;
  readonly failure: DeliveryFailure;
}

/** One Alertmanager. */
export interface Peer {
  /** Its host and port. */
  readonly at: string;
  /** Gives what it refused; the rest it took. @throws DeliveryFailure */
  offer(offers: readonly Offer[], signal: AbortSignal): Promise<readonly Refusal[]>;
  /** @throws DeliveryFailure */
  version(signal: AbortSignal): Promise<string>;
}

export interface Access {
  readonly clock: Clock;
  readonly ca: string | undefined;
  readonly token: Secret | undefined;
}

/** Opens nothing yet: every question has a connection of its own. */
export function openPeer(base: string, access: Access): Peer {
  const { clock } = access;
  const { host } = new URL(base);
  let pausedUntil: Instant | undefined;

  /** One that asked for a pause is left alone until it is over, also when another takes the alerts. */
  const demandNoPause = (): void => {
    if (pausedUntil === undefined || clock.steady() >= pausedUntil) return;
    const retryAfter = between(clock.steady(), pausedUntil);
    throw new DeliveryFailure('limited', `${host} asked for a pause`, { retryAfter });
  };

  const post = async (offers: readonly Offer[], signal: AbortSignal): Promise<void> => {
    const body = JSON.stringify(offers.map(({ says }) => says));
    try {
      await ask(base, { method: 'POST', path: 'alerts', body }, access, signal);
    } catch (error) {
      const { trouble, retryAfter } = error as DeliveryFailure;
      if (trouble === 'limited' && retryAfter !== undefined)
        pausedUntil = instant(clock.steady() + retryAfter * 1000);
      throw error;
    }
  };

  return {
    at: host,
    offer: async (offers, signal) => {
      demandNoPause();
      return refusalsOf(offers, (part) => post(part, signal));
    },
    version: async (signal) => {
      const body = await ask(base, { method: 'GET', path: 'status' }, access, signal);
      // Found and not parsed: it stands beside a whole configuration, which may have been cut off.
      const found = /"version"\s*:\s*"([\w.+~-]{1,40})"/.exec(body)?.[1];
      if (found !== undefined) return found;
      throw new DeliveryFailure('closed', `${host} is no Alertmanager: check the URL`);
    },
  };
}

/**
 * Alertmanager takes the good ones of a body even if it refuses others; but when it cannot read one of
 * them, all are lost. So what is refused is offered again in halves, in the same order, until each bad
 * one stands alone.
 */
async function refusalsOf(
  offers: readonly Offer[],
  post: (offers: readonly Offer[]) => Promise<void>,
): Promise<readonly Refusal[]> {
  try {
    await post(offers);
    return [];
  } catch (error) {
    const [only, another] = offers;
    if (!(error instanceof DeliveryFailure && error.trouble === 'refused') || only === undefined)
      throw error;
    if (another === undefined) return [{ offer: only, failure: error }];
    const half = Math.ceil(offers.length / 2);
    const first = await refusalsOf(offers.slice(0, half), post);
    return [...first, ...(await refusalsOf(offers.slice(half), post))];
  }
}

type Question = Pick<Outgoing, 'method' | 'body'> & { readonly path: string };

async function ask(
  base: string,
  { path, ...question }: Question,
  { clock, ca, token }: Access,
  signal: AbortSignal,
): Promise<string> {
  const outgoing: Outgoing = {
    ...question,
    url: new URL(base.replace(/\/*$/, `/api/v2/${path}`)),
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token.reveal()}` }),
    },
    ca,
    limit: LIMIT,
  };
  const answer = await exchange(outgoing, { clock, signal });
  const secrets = token === undefined ? [] : [token];
  demandAccepted(answer, { where: outgoing.url.host, now: clock.now(), secrets });
  return answer.body;
}
