import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import type { Dialogue } from '../../src/core/ports/exchange.ts';
import { seconds } from '../../src/core/time.ts';
import { streamPort } from '../../src/io/stream.ts';
import { deferred } from '../support/deferred.ts';
import { inRun } from '../support/run-scope.ts';

const host = '127.0.0.1';
const LONG = { timeout: seconds(5) };
const SHORT = { timeout: seconds(0.15) };

/** A server that does with each connection as told, and counts how many stand. */
async function server(serve: (socket: Socket) => void) {
  const open = new Set<Socket>();
  const listener = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    serve(socket);
  });
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    if (listener.listening) await once(listener.close(), 'close');
  });
  await once(listener.listen(0, host), 'listening');
  return { listener, open, to: { host, port: (listener.address() as AddressInfo).port } };
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** Lines: `more` is answered with `go on`; `done WORD` ends it with a farewell. */
const lines = (changes: Partial<Dialogue<string>> = {}): Dialogue<string> => ({
  protocol: 'TEST',
  opening: Buffer.from('hello\n'),
  step: (heard) => {
    const end = heard.indexOf(10);
    if (end < 0) return undefined;
    const line = text(heard.subarray(0, end));
    const rest = heard.subarray(end + 1);
    if (line === 'no') throw new CheckFailure('auth', 'it said no');
    return line.startsWith('done ')
      ? { rest, send: Buffer.from('bye\n'), result: line.slice(5) }
      : { rest, ...(line === 'more' && { send: Buffer.from('go on\n') }) };
  },
  ...changes,
});

const talk = (
  to: { host: string; port: number },
  changes: Partial<Dialogue<string>> = {},
  limit = LONG,
) => inRun((scope) => streamPort(scope).talk(to, lines(changes), limit));

/** What the client said in all; the peer answers as given once the line has come. */
const conversing = (answers: Readonly<Record<string, string>>) => {
  const heard: string[] = [];
  let pending = '';
  const serve = (socket: Socket): void => {
    socket.on('data', (chunk: Buffer) => {
      const said = (pending + chunk.toString()).split('\n');
      pending = said.pop() ?? '';
      for (const line of said) {
        heard.push(line);
        const answer = answers[line];
        if (answer !== undefined) socket.write(answer);
      }
    });
  };
  return { heard, serve };
};

describe('a dialogue over TCP', () => {
  it('goes on until it has a result, takes leave, and hangs up', async () => {
    const { heard, serve } = conversing({ hello: 'more\n', 'go on': 'done well\n' });
    const { open, to } = await server(serve);
    expect(await talk(to)).toBe('well');
    await vi.waitFor(() => {
      expect(heard).toEqual(['hello', 'go on', 'bye']);
      expect(open.size).toBe(0);
    });
  });

  it('waits for a peer that speaks first', async () => {
    const { to } = await server((socket) => socket.write('done first\n'));
    const silent = { protocol: 'TEST', step: lines().step };
    expect(await inRun((scope) => streamPort(scope).talk(to, silent, LONG))).toBe('first');
  });

  it('understands what comes byte by byte, and all at once', async () => {
    const said = 'more\nnoise\nmore\ndone well\nand more';
    const slow = await server((socket) => {
      socket.setNoDelay(true);
      const say = (at: number): void => {
        if (at < said.length) socket.write(said.charAt(at), () => setImmediate(say, at + 1));
      };
      say(0);
    });
    expect(await talk(slow.to)).toBe('well');
    const quick = await server((socket) => socket.write(said));
    expect(await talk(quick.to)).toBe('well');
  });

  it('gives a step only what is not used up', async () => {
    const given: string[] = [];
    const { to } = await server((socket) => socket.write('a\nbc\ndone x\n'));
    const { step } = lines();
    await talk(to, {
      step: (heard) => {
        given.push(text(heard));
        return step(heard);
      },
    });
    expect(given.at(-1)).toBe('done x\n');
    expect(given).not.toContain('');
  });

  it('fails as a step says', async () => {
    const { to } = await server((socket) => socket.write('no\n'));
    await expect(talk(to)).rejects.toMatchObject({ code: 'auth', message: 'it said no' });
  });

  it('is a defect where a step goes wrong, or would never end', async () => {
    const { to } = await server((socket) => socket.write('x'));
    const oops = () => {
      throw new RangeError('oops');
    };
    await expect(talk(to, { step: oops })).rejects.toMatchObject({ code: 'internal' });
    const idle = (heard: Uint8Array) => ({ rest: heard });
    await expect(talk(to, { step: idle })).rejects.toMatchObject({ code: 'internal' });
  });

  it('tells that nobody listens', async () => {
    const { listener, to } = await server(() => {});
    await once(listener.close(), 'close');
    await expect(talk(to)).rejects.toMatchObject({ code: 'refused' });
  });

  it('gives up at its time-out on a peer that says nothing', async () => {
    const { open, to } = await server((socket) => socket.resume());
    await expect(talk(to, {}, SHORT)).rejects.toMatchObject({
      code: 'timeout',
      message: `TEST at ${host}:${to.port}: no answer within 150ms`,
    });
    await vi.waitFor(() => {
      expect(open.size).toBe(0);
    });
  });

  it('gives up on a peer that drips, or goes on for ever', async () => {
    const chatty = await server((socket) => {
      const each = setInterval(() => socket.write('noise\n'), 5);
      socket.on('close', () => {
        clearInterval(each);
      });
    });
    await expect(talk(chatty.to, {}, SHORT)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('gives up at once on a flood that is no answer', async () => {
    const { to } = await server((socket) => {
      const flood = (): void => {
        while (socket.writable && socket.write(Buffer.alloc(8192, 65)));
      };
      socket.on('drain', flood);
      flood();
    });
    await expect(talk(to)).rejects.toMatchObject({
      code: 'protocol',
      message: expect.stringContaining('more bytes than any honest answer has') as string,
    });
    await expect(talk(to, { maxBytes: 100 })).rejects.toMatchObject({ code: 'protocol' });
  });

  it('takes a message of exactly as many bytes as are allowed', async () => {
    const { to } = await server((socket) => {
      socket.write('noise');
      setImmediate(() => socket.write('\ndone x\n'));
    });
    expect(await talk(to, { maxBytes: 5 + 8 })).toBe('x');
  });

  const whole = 'more\ndone x';
  it.each(Array.from({ length: whole.length + 1 }, (_, count) => count))(
    'ends when the peer closes after %i bytes',
    async (count) => {
      const { to } = await server((socket) => socket.end(whole.slice(0, count)));
      await expect(talk(to)).rejects.toMatchObject({
        code: 'protocol',
        message: `TEST at ${host}:${to.port}: closed without an answer`,
      });
    },
  );

  it('tells a connection that is cut from a refusal', async () => {
    const { to } = await server((socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    await expect(talk(to)).rejects.toMatchObject({
      code: 'protocol',
      message: `TEST at ${host}:${to.port}: cut off without an answer`,
    });
  });

  it('answers well although the peer closes right behind its answer', async () => {
    const { to } = await server((socket) => {
      socket.once('data', () => socket.end('done x\n'));
    });
    expect(await talk(to)).toBe('x');
  });

  it('ends with the run', async () => {
    const heard = deferred();
    const { open, to } = await server((socket) => {
      socket.once('data', () => {
        heard.resolve();
      });
    });
    const talking = inRun(async (scope, end) => {
      const answer = streamPort(scope).talk(to, lines(), LONG);
      await heard.promise;
      end(new CheckFailure('timeout', 'the run took too long'));
      return answer;
    });
    await expect(talking).rejects.toMatchObject({ message: 'the run took too long' });
    await vi.waitFor(() => {
      expect(open.size).toBe(0);
    });
  });

  it('leaves no connection behind when the peer does not take the farewell', async () => {
    const { open, to } = await server((socket) => {
      socket.pause();
      socket.write('done x\n');
    });
    // More than all buffers between the two hold: it can never leave.
    const send = Buffer.alloc(64 * 1024 * 1024);
    const { step } = lines();
    expect(
      await talk(to, {
        step: (heard) => {
          const next = step(heard);
          return next && { ...next, send };
        },
      }),
    ).toBe('x');
    for (const socket of open) socket.resume();
    await vi.waitFor(() => {
      expect(open.size).toBe(0);
    });
  });
});
