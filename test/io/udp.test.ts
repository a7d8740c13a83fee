import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import type { Question } from '../../src/core/ports/exchange.ts';
import { seconds } from '../../src/core/time.ts';
import { udpPort } from '../../src/io/udp.ts';
import { deferred } from '../support/deferred.ts';
import { inRun } from '../support/run-scope.ts';

const LONG = { timeout: seconds(5) };
const SHORT = { timeout: seconds(0.15) };

const hasSix = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === '::1');
const HOSTS = ['127.0.0.1', ...(hasSix ? ['::1'] : [])];

/** A socket on a loopback address that does with each datagram as told. */
async function peer(
  host: string,
  hear: (bytes: Buffer, from: RemoteInfo, self: Socket) => void = () => {},
) {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  onTestFinished(() => {
    socket.close();
  });
  socket.on('message', (bytes, from) => {
    hear(bytes, from, socket);
  });
  await once(socket.bind(0, host), 'listening');
  return { socket, to: { host, port: socket.address().port } };
}

const question = (changes: Partial<Question<string>> = {}): Question<string> => ({
  protocol: 'TEST',
  bytes: Buffer.from('question'),
  read: ({ bytes }) => Buffer.from(bytes).toString(),
  ...changes,
});

const ask = (
  to: { host: string; port: number },
  changes: Partial<Question<string>> = {},
  limit = LONG,
) => inRun((scope) => udpPort(scope).ask(to, question(changes), limit));

describe.each(HOSTS)('a question over UDP to %s', (host) => {
  it('is answered from the port that was asked', async () => {
    const { to } = await peer(host, (bytes, from, self) => {
      self.send(`${bytes.toString()} heard`, from.port, from.address);
    });
    expect(await ask(to)).toBe('question heard');
  });

  it('is answered from another port, as TFTP does, and says from which', async () => {
    const other = await peer(host);
    const { to } = await peer(host, (_, from) => {
      other.socket.send('here', from.port, from.address);
    });
    const read: Question<string>['read'] = ({ from }) => `${from.host} ${from.port}`;
    expect(await ask(to, { read })).toBe(`${host} ${other.to.port}`);
  });

  it('learns at once that nobody listens', async () => {
    const gone = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    await once(gone.bind(0, host), 'listening');
    const to = { host, port: gone.address().port };
    gone.close();
    await expect(ask(to)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining(`TEST at ${host}:${to.port}: `) as string,
    });
  });

  it('sends its farewell to where the answer came from, from the same port', async () => {
    const heard: string[] = [];
    let asker = 0;
    const other = await peer(host, (bytes, from) => {
      heard.push(`${bytes.toString()} ${from.port === asker}`);
    });
    const { to } = await peer(host, (_, from) => {
      asker = from.port;
      other.socket.send('here', from.port, from.address);
    });
    await ask(to, { farewell: ({ bytes }) => Buffer.from(`thanks for ${bytes.length}`) });
    await vi.waitFor(() => {
      expect(heard).toEqual(['thanks for 4 true']);
    });
  });

  it('gives up at its time-out on a peer that says nothing', async () => {
    const { to } = await peer(host);
    await expect(ask(to, {}, SHORT)).rejects.toMatchObject({
      code: 'timeout',
      message: `TEST at ${host}:${to.port}: no answer within 150ms`,
    });
  });
});

describe('a question over UDP', () => {
  it('may be asked of an address however it is written', async () => {
    if (!hasSix) return;
    const { to } = await peer('::1', (_, from, self) => {
      self.send('yes', from.port, from.address);
    });
    expect(await ask({ ...to, host: '0:0:0:0:0:0:0:1' })).toBe('yes');
  });

  it('takes no answer of another host, from whatever port', async () => {
    const { to } = await peer('127.0.0.1', (_, from) => {
      strangers.forEach(({ socket }, index) => {
        socket.send(`I am ${index}`, from.port, from.address);
      });
    });
    const strangers = [await peer('127.0.0.2'), await peer('127.0.0.3')];
    // One of them even has the asked port.
    const same = createSocket('udp4');
    onTestFinished(() => {
      same.close();
    });
    await once(same.bind(to.port, '127.0.0.4'), 'listening');
    strangers.push({ socket: same, to: { host: '127.0.0.4', port: to.port } });
    await expect(ask(to, {}, SHORT)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('waits on while what comes is not its answer', async () => {
    const { to } = await peer('127.0.0.1', (_, from, self) => {
      for (const each of ['noise', 'noise', 'answer', 'noise'])
        self.send(each, from.port, from.address);
    });
    const read: Question<string>['read'] = ({ bytes }) =>
      Buffer.from(bytes).toString() === 'answer' ? 'found' : undefined;
    expect(await ask(to, { read })).toBe('found');
  });

  it('fails as whoever reads the answer says', async () => {
    const { to } = await peer('127.0.0.1', (_, from, self) => {
      self.send('', from.port, from.address);
    });
    const broken = (thrown: Error) =>
      ask(to, {
        read: () => {
          throw thrown;
        },
      });
    await expect(broken(new CheckFailure('protocol', 'no such thing'))).rejects.toMatchObject({
      code: 'protocol',
      message: 'no such thing',
    });
    await expect(broken(new RangeError('oops'))).rejects.toMatchObject({ code: 'internal' });
  });

  it('is asked once unless told otherwise', async () => {
    let count = 0;
    const { to } = await peer('127.0.0.1', () => (count += 1));
    await expect(ask(to, {}, SHORT)).rejects.toMatchObject({ code: 'timeout' });
    expect(count).toBe(1);
  });

  it('is asked again, from the same port, until it is answered', async () => {
    const ports: number[] = [];
    const { to } = await peer('127.0.0.1', (_, from, self) => {
      ports.push(from.port);
      if (ports.length === 3) self.send('at last', from.port, from.address);
    });
    expect(await ask(to, { tries: 4 }, { timeout: seconds(2) })).toBe('at last');
    expect(ports).toHaveLength(3);
    expect(new Set(ports).size).toBe(1);
  });

  it('is asked no more often than it may be', async () => {
    let count = 0;
    const { to } = await peer('127.0.0.1', () => (count += 1));
    await expect(ask(to, { tries: 3 }, SHORT)).rejects.toMatchObject({ code: 'timeout' });
    expect(count).toBe(3);
  });

  it('sends one farewell, however many answers come', async () => {
    const heard: string[] = [];
    const other = await peer('127.0.0.1', (bytes) => heard.push(bytes.toString()));
    const { to } = await peer('127.0.0.1', (_, from) => {
      for (let i = 0; i < 20; i += 1) other.socket.send('here', from.port, from.address);
    });
    await ask(to, { farewell: () => Buffer.from('bye') });
    const last = await peer('127.0.0.1');
    last.socket.send('last', other.to.port, other.to.host);
    await vi.waitFor(() => {
      expect(heard).toContain('last');
    });
    expect(heard).toEqual(['bye', 'last']);
  });

  it('outlives a flood of strangers and of noise', async () => {
    let flood: NodeJS.Timeout | undefined;
    onTestFinished(() => {
      clearInterval(flood);
    });
    const stranger = await peer('127.0.0.2');
    const { to } = await peer('127.0.0.1', (_, from, self) => {
      let sent = 0;
      flood ??= setInterval(() => {
        for (let i = 0; i < 200; i += 1, sent += 1) {
          stranger.socket.send(Buffer.alloc(1400), from.port, from.address);
          self.send(sent > 2000 ? 'answer' : 'noise', from.port, from.address);
        }
      }, 1);
    });
    const read: Question<string>['read'] = ({ bytes }) =>
      Buffer.from(bytes).toString() === 'answer' ? 'found' : undefined;
    expect(await ask(to, { read })).toBe('found');
  });

  it('ends at its time-out in a flood that never brings an answer', async () => {
    let flood: NodeJS.Timeout | undefined;
    onTestFinished(() => {
      clearInterval(flood);
    });
    const { to } = await peer('127.0.0.1', (_, from, self) => {
      flood ??= setInterval(() => {
        for (let i = 0; i < 100; i += 1) self.send('noise', from.port, from.address);
      }, 1);
    });
    await expect(ask(to, { read: () => undefined }, SHORT)).rejects.toMatchObject({
      code: 'timeout',
    });
  });

  it('ends with the run', async () => {
    const { to } = await peer('127.0.0.1');
    const asking = inRun(async (scope, end) => {
      const answer = udpPort(scope).ask(to, question(), LONG);
      end();
      return answer;
    });
    await expect(asking).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('ends with the run while it waits for its answer', async () => {
    const asked = deferred();
    const { to } = await peer('127.0.0.1', () => {
      asked.resolve();
    });
    const asking = inRun(async (scope, end) => {
      const answer = udpPort(scope).ask(to, question(), LONG);
      await asked.promise;
      end(new CheckFailure('timeout', 'the run took too long'));
      return answer;
    });
    await expect(asking).rejects.toMatchObject({ message: 'the run took too long' });
  });

  it('stands beside many others to the same server without mixing answers', async () => {
    const other = await peer('127.0.0.1');
    const { to } = await peer('127.0.0.1', (bytes, from) => {
      other.socket.send(bytes, from.port, from.address);
    });
    const numbers = Array.from({ length: 300 }, (_, index) => String(index));
    const answers = await inRun((scope) =>
      Promise.all(
        numbers.map((each) =>
          udpPort(scope).ask(to, question({ bytes: Buffer.from(each), tries: 4 }), LONG),
        ),
      ),
    );
    expect(answers).toEqual(numbers);
  });
});
