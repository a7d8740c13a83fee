import { isSilence, toFailure } from '../../core/failure.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { Server } from '../../core/region.ts';
import { seconds } from '../../core/time.ts';
import {
  encodeAuthCapabilities,
  encodePresencePing,
  readAuthCapabilities,
  readPresencePong,
  RMCP_PORT,
} from '../../protocol/rmcp.ts';
import { ping, type Answer } from '../reach/answer.ts';

/** What one power controller answers. */
export interface BmcLook {
  readonly name: string;
  /** Over RMCP. */
  readonly answer: Answer;
  /** Words for what it answered. */
  readonly says?: string;
  /** By ICMP; asked only where it is silent. */
  readonly echo?: Answer;
}

/** Datagrams get lost, and a controller is a small machine. */
const LIMIT = { timeout: seconds(2) };
const TRIES = 2;
const ECHOES = { timeout: seconds(1), count: 2, interval: seconds(0.2) };
/** Any number: the answer repeats it. */
const TAG = 0x2a;

/** Asks for presence, then, because not every controller answers that, what comes before a login; then for an echo. */
export async function lookAtBmc(
  io: Pick<Ports, 'udp' | 'icmp'>,
  { name, address }: Server,
): Promise<BmcLook> {
  const host = { host: address, port: RMCP_PORT };
  const question = { protocol: 'RMCP', tries: TRIES };
  try {
    const { ipmi } = await io.udp.ask(
      host,
      {
        ...question,
        bytes: encodePresencePing(TAG),
        read: (of) => readPresencePong(of.bytes, TAG),
      },
      LIMIT,
    );
    return {
      name,
      answer: 'answered',
      says: ipmi ? 'it is there, with IPMI' : 'it is there, and says that it has no IPMI',
    };
  } catch (error) {
    if (!isSilence(toFailure(error))) return { name, answer: toFailure(error) };
  }
  try {
    const { code } = await io.udp.ask(
      host,
      {
        ...question,
        protocol: 'IPMI',
        bytes: encodeAuthCapabilities(TAG),
        read: (of) => readAuthCapabilities(of.bytes, TAG),
      },
      LIMIT,
    );
    const says = `no answer to a presence ping, and one to IPMI (completion code ${code})`;
    return { name, answer: 'answered', says };
  } catch (error) {
    const failure = toFailure(error);
    if (!isSilence(failure)) return { name, answer: failure };
    const { answer: echo } = await ping(io, address, ECHOES);
    return { name, answer: 'silent', says: failure.message, echo };
  }
}
