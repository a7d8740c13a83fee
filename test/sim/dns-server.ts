import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import {
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  TRUNCATED_RESPONSE,
  type Packet,
  type Question,
} from 'dns-packet';
import type { Endpoint } from '../../src/core/ports/network.ts';
import { frame, frameReader } from '../../src/protocol/dns.ts';

/** How a zone, or the whole server, answers: `lame` = NOERROR, no AA, no answer, as a BIND without it. */
export type Mode = 'serve' | 'servfail' | 'refused' | 'lame' | 'frozen';

export interface SimZone {
  serial: number;
  mode?: Mode;
  /** Seconds; MAAS writes 600. */
  refresh?: number;
  /** The owner name in the answer, where it is to be wrong. */
  owner?: string;
}

const RCODE = { servfail: 2, refused: 5 } as const;

/**
 * An authoritative DNS server in this process, on UDP and TCP: zones with nothing but an SOA, and
 * `hostname.bind`. All fields may be changed while it runs.
 */
export class SimDnsServer {
  readonly zones = new Map<string, SimZone>();
  mode: Mode = 'serve';
  /** Answers nothing but "too long" over UDP. */
  truncate = false;
  /** How many of the next datagrams are lost. */
  lose = 0;
  hostname: string | undefined;
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
    const { id, questions } = decode(query);
    const question = questions?.[0];
    if (question === undefined) return [];
    this.asked.push(`${transport} ${question.name} ${question.type}`);
    if (this.#modeOf(question) === 'frozen') return [];
    const message = this.#message(id ?? 0, question, transport);
    return [this.spoil?.(message) ?? message].flat();
  }

  #message(id: number, question: Question, transport: 'udp' | 'tcp'): Buffer {
    const reply = this.#reply(question);
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

  #reply(question: Question): Packet {
    if (question.class === 'CH') return this.#about(question);
    const mode = this.#modeOf(question);
    if (mode === 'servfail' || mode === 'refused') return { flags: RCODE[mode] };
    const zone = this.zones.get(question.name.toLowerCase());
    if (zone === undefined || mode === 'lame') return {};
    return { flags: AUTHORITATIVE_ANSWER, answers: [soaOf(zone.owner ?? question.name, zone)] };
  }

  #about({ name }: Question): Packet {
    if (name !== 'hostname.bind' || this.hostname === undefined) return { flags: RCODE.refused };
    const answer = { type: 'TXT', class: 'CH', name, data: this.hostname } as const;
    return { flags: AUTHORITATIVE_ANSWER, answers: [answer] };
  }
}

/** The SOA that MAAS writes. */
const soaOf = (name: string, { serial, refresh = 600 }: SimZone) =>
  ({
    type: 'SOA',
    name,
    ttl: 300,
    data: {
      mname: name,
      rname: 'nobody.example.com',
      serial,
      refresh,
      retry: 1800,
      expire: 604_800,
      minimum: 300,
    },
  }) as const;
