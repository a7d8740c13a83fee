import { createHmac, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { listening, tcpServer, type Address, type Running } from './listener.ts';

/** What the region application of one node answers at `/MAAS/rpc/`; changed at will while it runs. */
export interface SimRpcInfo {
  /** 200; 500 = the database is gone, 502 = no region behind the front end, 503 = it is starting. */
  status: number;
  /** Loop by loop its addresses; `null` = "I don't know, ask later" (1.7 to 2.3). */
  eventloops: Record<string, [string, number][]> | null;
  /** The clusters that it lists and is connected to, by name. */
  clusters?: readonly string[] | undefined;
  /** Sent instead, when something else listens there. */
  body?: string | undefined;
  /** Accepts and stays silent. */
  frozen?: boolean | undefined;
}

/** What MAAS 1.9 answers to everybody, by path; every cluster has the images of amd64. */
const PAGES: Readonly<Record<string, (info: SimRpcInfo, asked: URLSearchParams) => unknown>> = {
  '/MAAS/rpc/': ({ eventloops }) => ({ eventloops }),
  '/MAAS/api/1.0/version/': () => ({ version: '1.9.5', subversion: '' }),
  '/MAAS/api/1.0/nodegroups/': ({ clusters = [] }) =>
    clusters.map((name) => ({ uuid: `uuid-of-${name}`, status: 1, name, cluster_name: name })),
  '/MAAS/api/1.0/pxeconfig/': (_, asked) => ({
    label: asked.get('arch') === 'amd64' ? 'release' : 'no-such-image',
  }),
};

const LOGIN = '/MAAS/accounts/login/';

/** A page of MAAS's, as JSON or as what a person reads; undefined where it has none. */
function pageAt(
  info: SimRpcInfo,
  { pathname, searchParams }: URL,
): [type: string, body: string] | undefined {
  if (pathname === LOGIN) return ['text/html', '<title>Login | MAAS</title>'];
  const page = PAGES[pathname];
  return page && ['application/json', JSON.stringify(page(info, searchParams))];
}

/** The HTTP side of a region controller. */
export const rpcInfoServer = (info: SimRpcInfo) => ({
  start: (at: Address): Promise<Running> =>
    listening(
      createServer((request, response) => {
        if (info.frozen === true) return;
        const page = pageAt(info, new URL(request.url ?? '/', 'http://region'));
        const status = page === undefined ? 404 : info.status;
        const isWell = status === 200 && info.body === undefined;
        const [type, body] = (isWell ? page : undefined) ?? [
          'text/html',
          info.body ?? '<h1>Internal Server Error</h1>',
        ];
        response.writeHead(status, { 'content-type': type });
        response.end(body);
      }),
      at,
    ),
});

/** One event loop of the region; changed at will while it runs. */
export interface SimEventLoop {
  /** 1 = asks `Identify` first (MAAS 1.x), 2 = asks `Authenticate` (2.0 and later). */
  generation: 1 | 2;
  /** Hex text. */
  secret: string;
  /** `frozen` = accepts and stays silent, `stopping` = closes at once. */
  mode: 'well' | 'frozen' | 'stopping';
  /** Everything that it was sent: `?command` for a question, `!` for an answer. */
  readonly heard: string[];
}

/** The RPC port of a region controller. */
export const eventLoopServer = (loop: SimEventLoop) => ({
  start: (at: Address): Promise<Running> =>
    tcpServer(at, (socket) => {
      if (loop.mode === 'stopping') socket.end();
      else if (loop.mode === 'well') greet(loop, socket);
      socket.on('data', listener(loop, socket));
    }),
});

/** The first words as they were recorded, up to the random message of 2.0 and later. */
const GREETINGS = {
  1: '00045f61736b00013100085f636f6d6d616e6400084964656e746966790000',
  2: '00045f61736b00013100085f636f6d6d616e64000c41757468656e74696361746500076d6573736167650010',
};

function greet({ generation }: SimEventLoop, socket: Socket): void {
  const recorded = Buffer.from(GREETINGS[generation], 'hex');
  socket.write(
    generation === 1 ? recorded : Buffer.concat([recorded, randomBytes(16), Buffer.alloc(2)]),
  );
}

function listener(loop: SimEventLoop, socket: Socket): (chunk: Buffer) => void {
  let stream = Buffer.alloc(0);
  return (chunk) => {
    stream = Buffer.concat([stream, chunk]);
    for (let end = boxEnd(stream); end !== undefined; end = boxEnd(stream)) {
      const box = pairs(stream.subarray(0, end));
      stream = stream.subarray(end);
      hear(loop, socket, box);
    }
  };
}

function hear(loop: SimEventLoop, socket: Socket, box: Map<string, Buffer>): void {
  const command = box.get('_command')?.toString();
  loop.heard.push(command === undefined ? '!' : `?${command}`);
  if (loop.mode !== 'well' || command === undefined) return;
  const tag = box.get('_ask') ?? Buffer.from('?');
  const message = box.get('message');
  if (command !== 'Authenticate' || message === undefined) {
    socket.write(
      bytes([
        ['_error', tag],
        ['_error_code', 'UNHANDLED'],
        ['_error_description', `Unhandled Command: b'${command}'`],
      ]),
    );
    return;
  }
  const salt = randomBytes(16);
  const digest = createHmac('sha256', Buffer.from(loop.secret, 'hex'))
    .update(message)
    .update(salt)
    .digest();
  socket.write(
    bytes([
      ['_answer', tag],
      ['digest', digest],
      ['salt', salt],
    ]),
  );
}

/** Where the first box of the stream ends (a key of no length); `undefined` while it does not. */
function boxEnd(stream: Buffer): number | undefined {
  for (let at = 0, isKey = true; at + 2 <= stream.length; isKey = !isKey) {
    const length = stream.readUInt16BE(at);
    at += 2 + length;
    if (isKey && length === 0) return at;
  }
  return undefined;
}

function pairs(box: Buffer): Map<string, Buffer> {
  const parts: Buffer[] = [];
  for (let at = 0; at + 2 < box.length;) {
    const length = box.readUInt16BE(at);
    parts.push(box.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return new Map(
    parts.flatMap((part, index) =>
      index % 2 === 0 ? [[part.toString('latin1'), parts[index + 1] ?? Buffer.alloc(0)]] : [],
    ),
  );
}

const bytes = (box: [string, string | Buffer][]): Buffer =>
  Buffer.concat([
    ...box.flat().flatMap((part) => {
      const octets = Buffer.from(part);
      return [Buffer.of(octets.length >> 8, octets.length & 255), octets];
    }),
    Buffer.alloc(2),
  ]);
