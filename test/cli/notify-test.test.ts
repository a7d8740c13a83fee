import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maasha } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'maasha-notify-'));
const posted: string[] = [];
let hooks: Server;
let working = '';
let broken = '';
let silent = '';

const config = (name: string, alerting: string): string => {
  const file = join(folder, name);
  writeFileSync(
    file,
    `regions:
  - name: maas3
    vip: 127.31.95.39
    maas_url: http://127.31.95.39:39999/MAAS
    nodes:
      - { name: rc1, address: 127.31.95.32 }
      - { name: rc2, address: 127.31.95.33 }
alerting: ${alerting}
`,
  );
  return file;
};

beforeAll(async () => {
  hooks = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.once('end', () => {
      if (body !== '') posted.push(body);
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', resolve));
  const { port } = hooks.address() as AddressInfo;
  const hook = `{ url: http://127.0.0.1:${port}/hook }`;
  working = config('working.yaml', `{ webhook: ${hook}, console: {} }`);
  broken = config(
    'broken.yaml',
    `{ webhook: [{ name: good, url: http://127.0.0.1:${port}/hook }, { name: bad, url: http://127.31.95.99:9/hook }] }`,
  );
  silent = config('silent.yaml', '{}');
});
afterAll(async () => {
  hooks.closeAllConnections();
  await new Promise((resolve) => hooks.close(resolve));
  rmSync(folder, { recursive: true });
});

describe('maasha notify-test', () => {
  it('proves each channel, sends it a test, and says where that went', async () => {
    posted.length = 0;
    const { code, stdout } = await maasha('notify-test', '-c', working);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^webhook +check {2}ok {6}127\.0\.0\.1:\d+ takes connections/m);
    expect(stdout).toMatch(/^webhook +sent {3}ok {6}status 202$/m);
    expect(stdout).toMatch(/TEST of the alert channel – region maas3/);
    expect(posted.map((body) => (JSON.parse(body) as { type: string }).type)).toEqual([
      'io.maas-ha-monitor.alert.test',
    ]);
  });

  it('tells nobody when it is only to check', async () => {
    posted.length = 0;
    const { code, stdout } = await maasha('notify-test', 'webhook', '--only-check', '-c', working);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(posted).toEqual([]);
  });

  it('exits with 2 when one of several fails, after it has tried all', async () => {
    const { code, stdout } = await maasha('notify-test', '-c', broken);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^good +sent {3}ok /m);
    expect(stdout).toMatch(/^bad +check {2}failed {2}POST 127\.31\.95\.99:9: .* \[again\]$/m);
  });

  it.each([
    ['a channel that is not there', ['pager'], () => working, 'there is console, webhook'],
    ['a configuration without channels', [], () => silent, 'has no channel'],
    ['an alert without --preview', ['--alert', 'MaasHaNodeDown'], () => working, '--preview'],
    ['a preview of two', ['slack', 'email', '--preview', '-'], () => working, 'one channel'],
    ['a preview of what has none', ['alertmanager', '--preview', '-'], () => working, 'no preview'],
    [
      'an alert that is none',
      ['slack', '--preview', '-', '--alert', 'X'],
      () => working,
      'named X',
    ],
  ])('refuses %s', async (_, call, site, words) => {
    const { code, stderr } = await maasha('notify-test', ...call, '-c', site());
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe('maasha notify-test --preview', () => {
  const alert = ['--alert', 'MaasHaDnsSlaveDown'];

  it('prints what Slack would be given, with the names of this site', async () => {
    const { code, stdout } = await maasha(
      ...['notify-test', 'slack', '--preview', '-', ...alert, '-c', working],
    );
    expect(code).toBe(0);
    const call = JSON.parse(stdout) as { method: string; text: string; blocks: unknown[] };
    expect(call.method).toBe('chat.postMessage');
    expect(call.text).toContain('WARNING firing: DNS slave down (node rc2) – region maas3');
    expect(stdout).toContain('127.31.95.33');
  });

  it('writes the mail into a file', async () => {
    const file = join(folder, 'mail.txt');
    const { code, stdout } = await maasha(
      ...['notify-test', 'email', '--preview', file, ...alert, '-c', working],
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const mail = readFileSync(file, 'utf8');
    expect(mail).toMatch(/^Subject: \[maas3\] MaasHaDnsSlaveDown node rc2 \(\w{6}\)$/m);
    expect(mail).toContain('The slave DNS on rc2 does not answer');
    expect(mail).toMatch(/\(attached: MaasHaDnsSlaveDown/);
  });

  it.each(['webhook', 'console'])('prints what %s would get, and sends nothing', async (name) => {
    posted.length = 0;
    const { code, stdout } = await maasha(
      ...['notify-test', name, '--preview', '-', ...alert, '-c', working],
    );
    expect(code).toBe(0);
    expect(stdout).toContain('The slave DNS on rc2 does not answer');
    expect(posted).toEqual([]);
  });
});
