import { type CheckFailure, isSilence, toFailure } from '../../core/failure.ts';
import type { Endpoint, Limit } from '../../core/ports/network.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { Region } from '../../core/region.ts';
import { announceLogin, type LoginAnswer } from '../../protocol/postgres-login.ts';

/** What somebody meets who comes as MAAS, without a password. A silence keeps him out as well as a refusal. */
export type Met =
  | LoginAnswer
  | { readonly is: 'kept out'; readonly says: string }
  | { readonly is: 'not known'; readonly failure: CheckFailure };

/** Comes as MAAS and goes at the first answer. */
export async function comeAsMaas(
  { fencing, postgres }: Region,
  io: Ports,
  to: Endpoint,
  limit: Limit,
): Promise<Met> {
  try {
    const dialogue = announceLogin(fencing?.role ?? '', postgres?.database ?? 'maasdb');
    return await io.stream.talk(to, dialogue, limit);
  } catch (error) {
    const failure = toFailure(error);
    return isSilence(failure)
      ? { is: 'kept out', says: failure.message }
      : { is: 'not known', failure };
  }
}
