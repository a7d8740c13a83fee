import { CheckFailure, toFailure } from '../core/failure.ts';
import type { AmpPort, AmpSession } from '../core/ports/amp.ts';
import { between, seconds } from '../core/time.ts';
import { authenticateBox, takeBox, textOf, type AmpBox } from '../protocol/amp.ts';
import { printable } from '../core/printable.ts';
import { converse, type Conversation, type Manners } from './conversation.ts';
import type { Scope } from './scope.ts';

const AMP: Manners<AmpBox> = {
  protocol: 'AMP',
  take: takeBox,
  closed: 'closed without an answer: the RPC service of this event loop is stopping',
};

/**
 * The RPC port of a region's event loop, as an outsider may use it: what the region asks is never
 * answered (1.x would file whoever answers as a cluster), and `Authenticate` is all that is asked.
 */
export const ampPort = (scope: Scope): AmpPort => ({
  async greet(loop, limit) {
    const began = scope.clock.steady();
    const conversation = await converse(scope, loop, limit, AMP).catch((error: unknown) => {
      throw absent(toFailure(error));
    });
    const spent = between(began, scope.clock.steady());
    const asked = await conversation.ask(
      { what: 'greeting', read: readGreeting },
      { timeout: seconds(limit.timeout - spent) },
    );
    const took = between(began, scope.clock.steady());
    return { greeting: { asked, took }, authenticate: authenticate(scope, conversation) };
  },
});

/** Nobody is there to be spoken to: that is not the silence of a hung reactor. */
const absent = ({ code, message, cause, facts }: CheckFailure): CheckFailure =>
  new CheckFailure(code, message, { cause, facts: { ...facts, phase: 'connect' } });

function readGreeting([first]: readonly AmpBox[]): string | undefined {
  if (first === undefined) return undefined;
  const command = textOf(first, '_command');
  if (!first.has('_ask') || command === undefined)
    throw new CheckFailure('protocol', 'AMP greeting: the first box is not a question');
  return printable(command, 40);
}

function authenticate(
  scope: Scope,
  conversation: Conversation<AmpBox>,
): AmpSession['authenticate'] {
  let asked = 0;
  return async (message, limit) => {
    asked += 1;
    // Twisted counts in hex; the region's own questions have tags of their own, so the kind tells.
    const tag = asked.toString(16);
    const began = scope.clock.steady();
    const proof = await conversation.ask(
      { what: 'Authenticate', bytes: authenticateBox(tag, message), read: readProof(tag) },
      limit,
    );
    return { ...proof, took: between(began, scope.clock.steady()) };
  };
}

interface Proof {
  readonly digest: Uint8Array;
  readonly salt: Uint8Array;
}

const DIGEST_OCTETS = 32;
const SALT_OCTETS = 16;

const readProof =
  (tag: string) =>
  (boxes: readonly AmpBox[]): Proof | undefined => {
    const reply = boxes.find((box) => !box.has('_ask'));
    if (reply === undefined) return undefined;
    if ((textOf(reply, '_answer') ?? textOf(reply, '_error')) !== tag)
      throw new CheckFailure('protocol', 'AMP Authenticate: an answer to nothing that was asked');
    if (reply.has('_error')) throw refused(reply);
    const digest = reply.get('digest');
    const salt = reply.get('salt');
    if (digest?.length !== DIGEST_OCTETS || salt?.length !== SALT_OCTETS)
      throw new CheckFailure('protocol', 'AMP Authenticate: the answer is no digest with its salt');
    return { digest, salt };
  };

/** The region's own words; they may come from anybody, so they are clipped and made harmless. */
const refused = (reply: AmpBox): CheckFailure =>
  new CheckFailure(
    'protocol',
    `AMP Authenticate: the region answered ${printable(textOf(reply, '_error_code') ?? 'an error', 40)}: ` +
      printable(textOf(reply, '_error_description') ?? ''),
    { facts: { answered: true } },
  );
