import type { Handshake } from './event-loops.ts';
import type { CheckContext } from '../../core/check.ts';
import { isSilence, toFailure, type CheckFailure } from '../../core/failure.ts';
import type { AmpSession } from '../../core/ports/amp.ts';
import type { Endpoint } from '../../core/ports/network.ts';
import type { Secret } from '../../core/secret.ts';
import { between, seconds, type Instant } from '../../core/time.ts';
import { verifyDigest } from '../../protocol/amp.ts';

const GREET = { timeout: seconds(2.5) };
const AUTHENTICATE = { timeout: seconds(1.5) };

type Context = Pick<CheckContext, 'io' | 'clock'>;

/** One handshake: the region's first question, which stays unanswered, and `Authenticate`. */
export async function shakeHands(
  { io, clock }: Context,
  at: Endpoint,
  secret: Secret | undefined,
): Promise<Handshake> {
  const began = clock.steady();
  try {
    const session = await io.amp.greet(at, GREET);
    const { asked } = session.greeting;
    const proof = await prove(session, secret, clock.now());
    return { kind: 'answered', asked, seconds: between(began, clock.steady()), ...proof };
  } catch (error) {
    return failed(toFailure(error));
  }
}

function failed(failure: CheckFailure): Handshake {
  const { code, message, facts } = failure;
  if (
    ['refused', 'unreachable'].includes(code) ||
    (code === 'timeout' && facts['phase'] === 'connect')
  )
    return { kind: 'gone', says: message };
  // What is no AMP, or closes at once, is no handshake either: clusters fare no better than we.
  if (code === 'protocol' || isSilence(failure)) return { kind: 'failed', says: message };
  return { kind: 'unknown', code, says: message };
}

async function prove(
  session: AmpSession,
  secret: Secret | undefined,
  now: Instant,
): Promise<{ readonly secretValid?: boolean; readonly says?: string }> {
  try {
    const message = challenge(now);
    const { salt, digest } = await session.authenticate(message, AUTHENTICATE);
    if (secret === undefined) return {};
    return { secretValid: verifyDigest(secret.reveal(), message, salt, digest) };
  } catch (error) {
    const failure = toFailure(error);
    // MAAS 1.5 and 1.6 know no Authenticate and say so: the loop lives.
    if (failure.facts['answered'] === true) return { says: failure.message };
    throw failure;
  }
}

/** Sixteen octets that are new each time; nobody has to be unable to guess them. */
function challenge(now: Instant): Uint8Array {
  const message = new Uint8Array(16);
  message.set(new TextEncoder().encode('maasha'));
  new DataView(message.buffer).setFloat64(8, now);
  return message;
}
