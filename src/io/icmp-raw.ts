import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import type * as NetPingModule from 'net-ping';
import { CheckFailure } from '../core/failure.ts';
import { between, seconds, type Clock, type Seconds } from '../core/time.ts';

/** Starts one echo request; the returned function gives it up. `done` is called once, never at once. */
export type Echo = (
  clock: Clock,
  address: string,
  timeout: Seconds,
  done: (outcome: Outcome) => void,
) => () => void;

export interface RawPings {
  readonly echo: Echo;
  close(): void;
}

/**
 * How many echoes are outstanding at once. net-ping finds no free id and turns for ever when 65535 are.
 */
const OUTSTANDING = 256;

/** How much longer than its timeout an echo waits for replies that are there but not yet read. */
const BUSY = seconds(0.02);

const CAP_NET_RAW = 1n << 13n;

/** True when this process may open a raw socket; read from the kernel, for net-ping's error has no code. */
export function mayOpenRaw(status = '/proc/self/status'): boolean {
  try {
    const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync(status, 'utf8'))?.[1];
    return effective !== undefined && (BigInt(`0x${effective}`) & CAP_NET_RAW) !== 0n;
  } catch {
    return process.geteuid?.() === 0;
  }
}

type NetPing = typeof NetPingModule;
type Session = NetPingModule.Session;
/** How an echo ended: with its round trip, without a reply, or with a failure of ours. */
type Outcome = Seconds | undefined | CheckFailure;

/**
 * Our own ICMP sockets by net-ping, if this process may have them: one session per family for its whole
 * life (each raw socket of a host hears all its ICMP, so many lose replies).
 *
 * @returns undefined without the privilege, in a worker thread (the addon is not made for one), or
 *   where the optional package is not installed or not compiled for this Node.
 */
export async function openRaw(
  load: () => Promise<NetPing> = () => import('net-ping'),
): Promise<RawPings | undefined> {
  if (!isMainThread || !mayOpenRaw()) return undefined;
  let netPing: NetPing;
  try {
    netPing = await load();
  } catch {
    return undefined;
  }
  const sessions = new Sessions(netPing);
  // Whether it works at all is seen on the first socket: a container may filter what CapEff allows.
  return sessions.of('127.0.0.1') === undefined ? undefined : sessions;
}

/** A session and the echoes that wait for it. */
interface Kept {
  readonly session: Session;
  readonly waiting: Set<(outcome: Outcome) => void>;
}

class Sessions implements RawPings {
  readonly #netPing: NetPing;
  readonly #kept = new Map<4 | 6, Kept>();
  readonly #queue = new Set<() => void>();
  #outstanding = 0;
  #closed = false;

  constructor(netPing: NetPing) {
    this.#netPing = netPing;
  }

  /** The family's session; undefined when it cannot be had. */
  of(address: string): Kept | undefined {
    const family = isIPv6(address) ? 6 : 4;
    const known = this.#kept.get(family);
    if (known !== undefined || this.#closed) return known;
    try {
      const kept: Kept = { session: guarded(this.#netPing, family), waiting: new Set() };
      this.#kept.set(family, kept);
      kept.session.on('error', () => {
        this.#drop(family, kept);
      });
      return kept;
    } catch {
      return undefined;
    }
  }

  readonly echo: Echo = (clock, address, timeout, done) => {
    const begin = (): void => {
      this.#outstanding += 1;
      giveUp = this.#send(clock, address, timeout, (outcome) => {
        this.#outstanding -= 1;
        this.#next();
        done(outcome);
      });
    };
    let giveUp = (): void => {
      this.#queue.delete(begin);
    };
    if (this.#outstanding < OUTSTANDING) begin();
    else this.#queue.add(begin);
    return () => {
      giveUp();
    };
  };

  #next(): void {
    for (const begin of this.#queue) {
      this.#queue.delete(begin);
      begin();
      return;
    }
  }

  #send(
    clock: Clock,
    address: string,
    timeout: Seconds,
    done: (outcome: Outcome) => void,
  ): () => void {
    const kept = this.of(address);
    if (kept === undefined) {
      queueMicrotask(() => {
        done(new CheckFailure('no_privilege', 'no raw ICMP socket may be opened'));
      });
      return () => undefined;
    }
    const { session, waiting } = kept;
    const start = clock.steady();
    const end = (outcome: Outcome): void => {
      // A session that was dropped has emptied this: touching it again would reopen its socket.
      if (!waiting.delete(end)) return;
      cancel();
      if (outcome === undefined) session.reqRemove(id);
      done(outcome);
    };
    // If this process was busy, its timers fall due before it reads the replies that have come: wait a
    // little longer, so that they are read first. net-ping's own timer, which does not, only clears up.
    session.timeout = (timeout + BUSY) * 1000 + 1000;
    let cancel = clock.after(timeout, () => {
      cancel = clock.after(BUSY, () => {
        end(undefined);
      });
    });
    waiting.add(end);
    session.pingHost(address, (error) => {
      end(error === null ? between(start, clock.steady()) : lost(error));
    });
    const id = session.nextId;
    return () => {
      end(undefined);
    };
  }

  #drop(family: 4 | 6, { session, waiting }: Kept): void {
    this.#kept.delete(family);
    const all = [...waiting];
    for (const id of Object.keys(session.reqs)) session.reqRemove(Number(id));
    session.close();
    for (const end of all) end(new CheckFailure('internal', 'the ICMP socket failed'));
  }

  close(): void {
    this.#closed = true;
    for (const [family, kept] of this.#kept) this.#drop(family, kept);
  }
}

/** Sending may be forbidden (a packet filter); anything else means that no reply came. */
const lost = (error: Error): CheckFailure | undefined =>
  /not permitted|permission denied/i.test(error.message)
    ? new CheckFailure('no_privilege', 'this machine may not send ICMP echo requests')
    : undefined;

const ECHO_REPLY = { 4: 0, 6: 129 } as const;

/**
 * A session that believes an echo reply only from the address that was asked. net-ping compares nothing
 * but id and sequence number, so that another process's reply could prove a dead host alive.
 */
function guarded({ Session: Base, NetworkProtocol }: NetPing, family: 4 | 6): Session {
  class GuardedSession extends Base {
    override onSocketMessage(message: Buffer, source: string): void {
      // An IPv4 raw socket gives the IP header too, its length in 32-bit words.
      const icmp = family === 4 ? ((message[0] ?? 0) & 0xf) * 4 : 0;
      const isReply = message.length >= icmp + 8 && message[icmp] === ECHO_REPLY[family];
      if (isReply && this.reqs[message.readUInt16BE(icmp + 6)]?.target !== source) return;
      super.onSocketMessage(message, source);
    }
  }
  return new GuardedSession({
    networkProtocol: family === 4 ? NetworkProtocol.IPv4 : NetworkProtocol.IPv6,
    // Its default is the process id, which two containers on one host may share.
    sessionId: randomInt(1, 65_535),
    retries: 0,
  });
}
