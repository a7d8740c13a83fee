import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FactSource } from '../../src/core/ports/facts.ts';
import { seconds } from '../../src/core/time.ts';
import { FactFiles, type FileText } from '../../src/io/fact-files.ts';
import { FactSources } from '../../src/io/facts.ts';
import { inRun } from '../support/run-scope.ts';

const LIMIT = { timeout: seconds(5) };
const BRIEF = { timeout: seconds(0.1) };
const opened: Server[] = [];
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'facts-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  for (const server of opened.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const read = (source: FactSource, options: { timeout: typeof LIMIT.timeout; maxBytes?: number }) =>
  inRun((scope) => new FactSources().port(scope).read(source, 'maas3', options));

const file = (path: string): FactSource => ({ from: 'file', path });

function written(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function serve(answer: RequestListener): Promise<FactSource> {
  const server = createServer(answer);
  opened.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    from: 'url',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/fact?s=1`,
  };
}

describe('a fact in a file', () => {
  it('is its text and the moment of its last change', async () => {
    const path = written('primary', 'rc2 größer\n');
    utimesSync(path, 1_700_000_000, 1_700_000_123);
    expect(await read(file(path), LIMIT)).toEqual({ text: 'rc2 größer\n', at: 1_700_000_123 });
  });

  it('is the empty text where the file is empty', async () => {
    expect(await read(file(written('empty', '')), LIMIT)).toMatchObject({ text: '' });
  });

  it('is read to its end where the size is not told', async () => {
    expect((await read(file('/proc/self/status'), LIMIT))?.text).toContain('Name:');
  });

  it.each([['no file'], ['no file/under what is none']])('does not exist: %s', async (name) => {
    if (name.includes('/')) written('no file', 'x');
    expect(await read(file(join(folder, name)), LIMIT)).toBeUndefined();
  });

  it.each([
    ['pipe', (path: string) => execFileSync('mkfifo', [path])],
    [
      'folder',
      (path: string) => {
        mkdirSync(path);
      },
    ],
    ['circle', (path: string) => execFileSync('ln', ['-s', path, path])],
  ])('cannot be a %s, and none is waited for', async (name, make) => {
    const path = join(folder, name);
    make(path);
    await expect(read(file(path), LIMIT)).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining(path) as string,
    });
  });

  it('cannot be a device, which is not even opened', async () => {
    await expect(read(file('/dev/zero'), LIMIT)).rejects.toMatchObject({ code: 'config' });
  });

  it('may be exactly as long as allowed, and not one octet longer', async () => {
    const path = written('long', 'x'.repeat(100));
    expect((await read(file(path), { ...LIMIT, maxBytes: 100 }))?.text).toHaveLength(100);
    await expect(read(file(path), { ...LIMIT, maxBytes: 99 })).rejects.toMatchObject({
      code: 'protocol',
      message: `${path} is larger than 99 bytes`,
    });
  });

  it.each([
    ['octets that are no UTF-8', Buffer.from([0x61, 0xff, 0xfe])],
    ['a NUL', Buffer.from('a\0b')],
  ])('must be text: %s', async (_, content) => {
    const path = written('binary', content);
    await expect(read(file(path), LIMIT)).rejects.toMatchObject({ code: 'protocol' });
  });

  it.skipIf(process.getuid?.() === 0)('may be out of bounds for this account', async () => {
    const path = written('secret', 'x');
    chmodSync(path, 0);
    await expect(read(file(path), LIMIT)).rejects.toMatchObject({ code: 'no_privilege' });
  });
});

describe('a file that hangs', () => {
  const hanging = new Set<string>();
  const asked: string[] = [];
  const sources = (): FactSources =>
    new FactSources(
      new FactFiles((path) => {
        asked.push(path);
        return hanging.has(path)
          ? new Promise<FileText>(() => {})
          : Promise.resolve({ bytes: Buffer.from(path), at: 1 });
      }),
    );
  const from = (all: FactSources, path: string, limit: typeof LIMIT): Promise<unknown> =>
    inRun((scope) => all.port(scope).read(file(path), 'maas3', limit));

  beforeEach(() => {
    hanging.clear();
    asked.length = 0;
  });

  it('costs its limit and no more', async () => {
    hanging.add('/dead');
    await expect(from(sources(), '/dead', BRIEF)).rejects.toMatchObject({
      code: 'timeout',
      message: 'reading the file /dead: no answer within 100ms',
    });
  });

  it('is not asked again as long as the first look at it has not come back', async () => {
    hanging.add('/dead');
    const all = sources();
    await expect(from(all, '/dead', BRIEF)).rejects.toThrow();
    await expect(from(all, '/dead', BRIEF)).rejects.toMatchObject({ code: 'timeout' });
    expect(asked).toEqual(['/dead']);
  });

  it('leaves the others readable, and never are more than two under way', async () => {
    hanging.add('/dead');
    const all = sources();
    await expect(from(all, '/dead', BRIEF)).rejects.toThrow();
    expect(await from(all, '/a', LIMIT)).toEqual({ text: '/a', at: 1 });
    hanging.add('/dead2');
    await expect(from(all, '/dead2', BRIEF)).rejects.toThrow();
    await expect(from(all, '/b', BRIEF)).rejects.toMatchObject({ code: 'timeout' });
    expect(asked).toEqual(['/dead', '/a', '/dead2']);
  });

  it('is read anew once it has come back', async () => {
    const all = sources();
    await from(all, '/a', LIMIT);
    await from(all, '/a', LIMIT);
    expect(asked).toEqual(['/a', '/a']);
  });
});

describe('a fact on a page', () => {
  it('is its body and its Last-Modified', async () => {
    const source = await serve((_, response) => {
      response.setHeader('last-modified', 'Tue, 14 Nov 2023 22:13:20 GMT').end('rc2');
    });
    expect(await read(source, LIMIT)).toEqual({ text: 'rc2', at: 1_700_000_000 });
  });

  it.each([[undefined], ['some day']])('has no moment with Last-Modified: %s', async (modified) => {
    const source = await serve((_, response) => {
      if (modified !== undefined) response.setHeader('last-modified', modified);
      response.end('rc2');
    });
    expect(await read(source, LIMIT)).toEqual({ text: 'rc2' });
  });

  it.each([[404], [410]])('does not exist with %i', async (status) => {
    const source = await serve((_, response) => response.writeHead(status).end('none'));
    expect(await read(source, LIMIT)).toBeUndefined();
  });

  it.each([[301], [403], [500]])('is not what comes with %i', async (status) => {
    const source = await serve((_, response) => response.writeHead(status).end('rc2'));
    const failure = read(source, LIMIT);
    await expect(failure).rejects.toMatchObject({ code: 'protocol' });
    await expect(failure).rejects.toThrow(`/fact answers HTTP ${status}`);
  });

  it('is not longer than allowed, and must be text', async () => {
    const long = await serve((_, response) => response.end('x'.repeat(100)));
    await expect(read(long, { ...LIMIT, maxBytes: 99 })).rejects.toMatchObject({
      code: 'protocol',
    });
    const binary = await serve((_, response) => response.end(Buffer.from([0xff])));
    await expect(read(binary, LIMIT)).rejects.toMatchObject({ code: 'protocol' });
  });

  it('costs its limit where the server hangs', async () => {
    const source = await serve(() => undefined);
    await expect(read(source, BRIEF)).rejects.toMatchObject({ code: 'timeout' });
  });
});

describe('a fact that is pushed', () => {
  it('is known to the service only', async () => {
    await expect(read({ from: 'pushed', name: 'fence-rc1' }, LIMIT)).rejects.toMatchObject({
      code: 'dependency',
      message: expect.stringContaining('what is pushed as fence-rc1') as string,
    });
  });
});
