import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import {
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
  type Answer,
  type Packet,
  type Question,
} from 'dns-packet';
import type { Endpoint } from '../../src/core/ports/network.ts';
import { frame, frameReader } from '../../src/protocol/dns-frame.ts';

/**
 * How a zone, or the whole server, answers: `lame` = NOERROR, no AA, no answer, as a BIND without it;
 * `noauth` = the SOA without AA; `nodata` = AA without an answer.
 */
export type Mode =
  'serve' | 'servfail' | 'refused' | 'nxdomain' | 'lame' | 'noauth' | 'nodata' | 'frozen';

export interface SimZone {
  serial: number;
  mode?: Mode;
  /** Seconds; MAAS writes 600, 1800 and 604800. */
  refresh?: number;
  retry?: number;
  expire?: number;
  /** What a transfer gives besides the SOA. */
  records?: readonly Answer[];
  /** The SOA's mailbox, which MAAS never changes. */
  mailbox?: string;
  /** The owner name in the answer, where it is to be wrong. */
  owner?: string;
}

const RCODE = { formerr: 1, servfail: 2, nxdomain: 3, refused: 5 } as const;
/** What a mode answers, whatever the zone. */
const FAILED: Partial<Record<Mode, Packet>> = {
  servfail: { flags: RCODE.servfail },
  refused: { flags: RCODE.refused },
  nxdomain: { flags: RCODE.nxdomain },
  nodata: { flags: AUTHORITATIVE_ANSWER },
};
/** EDNS EXPIRE (RFC 7314). */
const EXPIRE = 9;

/**
 * An authoritative DNS server in this process, on UDP and TCP: zones with an SOA, their transfer,
 * `hostname.bind`, and names that it resolves for others. All fields may be changed while it runs.
 */
export class SimDnsServer {
  readonly zones = new Map<string, SimZone>();
  mode: Mode = 'serve';
  /** Answers nothing but "too long" over UDP. */
  truncate = false;
  /** How many of the next datagrams are lost. */
  lose = 0;
  hostname: string | undefined;
  /** Makes it a slave that knows EDNS EXPIRE: seconds since it last heard of its master. */
  silentFor: (() => number) | undefined;
  /** One of the time before EDNS: FORMERR for any question with an OPT record. */
  ancient = false;
  /** Whether it gives whole zones away. */
  transfers = true;
  /**
   * Names that it resolves when it is asked to, with their addresses, or `nxdomain`, `refused` and
   * `frozen`; all others are SERVFAIL.
   */
  readonly outside = new Map<string, string>();
  /** Over which transport it hears nothing. */
  deaf: 'udp' | 'tcp' | undefined;
  /** Changes an answer on its way out, for broken ones. */
  spoil: ((message: Buffer) => Uint8Array | readonly Uint8Array[]) | undefined;
  /** Every question that came, as `udp maas3 SOA`. */
  readonly asked: string[] = [];
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #connections = new Set<Socket>();

  private constructor(udp: UdpSocket, tcp: Server) {
    this.#udp = udp;
    this.#tcp = tcp;
    udp.on('message', (query, { port, address }) => {
      if (this.lose > 0) {
        this.lose -= 1;
        return;
      }
      for (const message of this.#answer(query, 'udp')) udp.send(message, port, address);
    });
    tcp.on('connection', (socket) => {
      this.#serve(socket);
    });
  }

  /** Listens on `port`, or on one that is free; both protocols share it. */
  static async start({ host, port }: Endpoint): Promise<SimDnsServer> {
    for (;;) {
      const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
      udp.bind(port, host);
      await once(udp, 'listening');
      const tcp = createServer();
      tcp.listen(udp.address().port, host);
      try {
        await once(tcp, 'listening');
        return new SimDnsServer(udp, tcp);
      } catch (error) {
        udp.close();
        // Somebody else has the TCP port of that number: take another.
        if (port !== 0) throw error;
      }
    }
  }

  get port(): number {
    return this.#udp.address().port;
  }

  get endpoint(): Endpoint {
    return { host: (this.#tcp.address() as AddressInfo).address, port: this.port };
  }

  async close(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    const closed = [once(this.#udp, 'close'), once(this.#tcp, 'close')];
    this.#udp.close();
    this.#tcp.close();
    await Promise.all(closed);
  }

  #serve(socket: Socket): void {
    const read = frameReader();
    this.#connections.add(socket);
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('error', () => {});
    socket.on('data', (piece) => {
      const query = read(piece);
      if (query === undefined) return;
      for (const message of this.#answer(Buffer.from(query), 'tcp')) socket.write(frame(message));
    });
  }

  #answer(query: Buffer, transport: 'udp' | 'tcp'): readonly Uint8Array[] {
    const asked = decode(query);
    const question = asked.questions?.[0];
    if (question === undefined || this.deaf === transport) return [];
    this.asked.push(`${transport} ${question.name} ${question.type}`);
    if (this.#modeOf(question) === 'frozen') return [];
    if (this.outside.get(question.name) === 'frozen') return [];
    const message = this.#message(asked, question, transport);
    return [this.spoil?.(message) ?? message].flat();
  }

  #message(asked: Packet, question: Question, transport: 'udp' | 'tcp'): Buffer {
    const { id = 0, additionals = [] } = asked;
    const hasOpt = additionals.some(({ type }) => type === 'OPT');
    const reply: Packet =
      hasOpt && this.ancient
        ? { flags: RCODE.formerr }
        : question.class === 'CH'
          ? this.#about(question)
          : this.#reply(asked, question, hasOpt);
    const short = this.truncate && transport === 'udp';
    return encode({
      ...reply,
      ...(short ? { answers: [], flags: (reply.flags ?? 0) | TRUNCATED_RESPONSE } : {}),
      type: 'response',
      id,
      questions: [question],
    });
  }

  #modeOf(question: Question): Mode {
    if (this.mode !== 'serve') return this.mode;
    return this.zones.get(question.name.toLowerCase())?.mode ?? 'serve';
  }

  #reply({ flags = 0 }: Packet, question: Question, hasOpt: boolean): Packet {
    const zone = this.zones.get(question.name.toLowerCase());
    const mode = this.#modeOf(question);
    const failed = FAILED[mode];
    if (failed !== undefined) return failed;
    if (zone === undefined && (flags & RECURSION_DESIRED) !== 0) return this.#resolve(question);
    if (zone === undefined || mode === 'lame') return {};
    const soa = soaOf(zone.owner ?? question.name, zone);
    if (mode === 'noauth') return { answers: [soa] };
    return (question.type as string) === 'AXFR'
      ? this.#whole(soa, zone)
      : this.#own(soa, zone, hasOpt);
  }

  /** With authority, and with the time that a slave's copy has left where that was asked. */
  #own(soa: Answer, { expire = EXPIRES }: SimZone, hasOpt: boolean): Packet {
    const answer = { flags: AUTHORITATIVE_ANSWER, answers: [soa] };
    if (!hasOpt || this.silentFor === undefined) return answer;
    return { ...answer, additionals: [expiry(expire - this.silentFor())] };
  }

  #whole(soa: Answer, { records = [] }: SimZone): Packet {
    return this.transfers
      ? { flags: AUTHORITATIVE_ANSWER, answers: [soa, ...records, soa] }
      : { flags: RCODE.refused };
  }

  #resolve({ name }: Question): Packet {
    const found = this.outside.get(name) ?? 'servfail';
    if (found === 'servfail' || found === 'nxdomain' || found === 'refused')
      return { flags: RCODE[found] };
    return { answers: [{ type: 'A', name, ttl: 5, data: found }] };
  }

  #about({ name }: Question): Packet {
    if (name !== 'hostname.bind' || this.hostname === undefined) return { flags: RCODE.refused };
    const answer = { type: 'TXT', class: 'CH', name, data: this.hostname } as const;
    return { flags: AUTHORITATIVE_ANSWER, answers: [answer] };
  }
}

const EXPIRES = 604_800;

/** The OPT record with the EXPIRE option, which the types of dns-packet lack. */
function expiry(left: number): Answer {
  const data = Buffer.alloc(4);
  data.writeUInt32BE(Math.max(0, Math.round(left)));
  const options = [{ code: EXPIRE, data }];
  const edns = { udpPayloadSize: 1232, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false };
  return { type: 'OPT', name: '.', ...edns, options } as unknown as Answer;
}

/** The SOA that MAAS writes. */
const soaOf = (
  name: string,
  {
    serial,
    refresh = 600,
    retry = 1800,
    expire = EXPIRES,
    mailbox = 'nobody.example.com',
  }: SimZone,
) =>
  ({
    type: 'SOA',
    name,
    ttl: 300,
    data: {
      mname: name,
      rname: mailbox,
      serial,
      refresh,
      retry,
      expire,
      minimum: 300,
    },
  }) as const;
