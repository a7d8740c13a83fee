import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import type { Alerting } from '../../src/runtime/alerting.ts';
import { apiRoutes } from '../../src/runtime/api.ts';
import type { AlertsView } from '../../src/runtime/api-views.ts';
import { HttpServer } from '../../src/runtime/server.ts';
import { ended, maasha, spawnMaasha } from '../support/cli.ts';
import { FakeClock } from '../support/clock.ts';
import { channelConfig, openAlerting, seen } from '../support/open-alerting.ts';

const TOKEN = 'a-token-that-is-long-enough-for-a-test';
const folder = mkdtempSync(join(tmpdir(), 'maasha-alerts-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
};
const site = (name: string, socket: string, alerting: string): string =>
  write(
    name,
    `listen: { socket: ${join(folder, socket)} }
regions:
  - name: maas3
    vip: 127.31.96.39
    maas_url: http://127.31.96.39:39999/MAAS
    nodes:
      - { name: rc1, address: 127.31.96.32 }
      - { name: rc2, address: 127.31.96.33 }
alerting: { ${alerting} }
`,
  );

const tokenFile = write('token', `${TOKEN}\n`);
const running = site('running.yaml', 'http.sock', `api_token_file: ${tokenFile}`);
const state = join(folder, 'state');
const stopped = site('stopped.yaml', 'none.sock', `state: ${state}`);
const nothing = site('nothing.yaml', 'none.sock', `state: ${join(folder, 'none')}`);
const wrong = site(
  'wrong.yaml',
  'http.sock',
  `api_token_file: ${write('wrong', 'another-token-than-that')}`,
);
const plain = site('plain.yaml', 'http.sock', `state: ${join(folder, 'none')}`);

let alerting: Alerting;
let server: HttpServer;
beforeAll(async () => {
  const clock = new FakeClock();
  alerting = await openAlerting(clock, { channels: [channelConfig()] });
  alerting.take(seen({ rc2: 20 }));
  server = new HttpServer(
    apiRoutes(
      () => alerting,
      () => new Secret(TOKEN),
    ),
    (error) => {
      throw error;
    },
  );
  await server.listen({ socket: join(folder, 'http.sock') });
  // What a monitor leaves behind that has ended.
  const before = await openAlerting(clock, { state });
  before.take(seen({ rc1: 20, rc2: -20 }));
  await before.stop();
});
afterAll(async () => {
  await server.close();
  await alerting.stop();
});

/** Each starts processes, on a machine that may have little time for them. */
const patiently = { concurrent: true, timeout: 90_000 };

describe('a monitor that runs', patiently, () => {
  it('is asked for the alerts, which are shown without colours in a pipe', async () => {
    const { code, stdout, stderr } = await maasha('alerts', '-c', running);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/critical {2}\w+ +MaasHaTestTooHigh \(node rc2\) +for /);
    expect(stdout).toContain('rc2 has 20');
    expect(stdout).toMatch(/ops: \w+ waits/);
    expect(stdout).not.toContain('\u001b');
  });

  it('gives JSON that a script may read', async () => {
    const { code, stdout } = await maasha('alerts', '--json', '-c', running);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as AlertsView).alerts[0]).toMatchObject({
      name: 'MaasHaTestTooHigh',
      labels: { node: 'rc2' },
    });
  });

  it('explains, oldest line first', async () => {
    const { code, stdout } = await maasha('explain', 'MaasHaTestTooHigh', '-c', running);
    expect(code).toBe(0);
    expect(stdout).toMatch(/pend: first bad sample\n[^]*fire: bad for long enough\n[^]*open: /);
  });

  it('is told who takes care of an alert, and that nobody does any more', async () => {
    const call = ['ack', 'MaasHaTestTooHigh', '-c', running];
    const child = spawnMaasha([...call, '--for', '2h'], { SUDO_USER: 'ada', USER: 'root' });
    const { code, stdout } = await ended(child);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^acknowledged\n.*ada \(command line\)\n/);
    const undone = await maasha(...call, '--undo', '--by', 'eve');
    expect(undone.stdout).toMatch(/^nobody takes care any more of\n/);
    expect(undone.code).toBe(0);
  });

  it('silences, lists what is silenced, and ends it', async () => {
    const scope = ['--rule', 'MaasHaTestTooLow', '--label', 'node=rc1', '--by', 'ada'];
    const made = await maasha(
      ...['silence', ...scope, '--for', '1h', '--reason', 'a new disk', '-c', running],
    );
    expect(made.stderr).toBe('');
    expect(made.stdout).toMatch(/^silenced\n.*MaasHaTestTooLow node rc1 .* by ada: a new disk\n$/);
    const listed = await maasha('silence', '--list', '-c', running);
    const [, id = ''] = /^ {2}(\w{6}) {2}until /m.exec(listed.stdout) ?? [];
    const over = await maasha('silence', '--end', id, '-c', running);
    expect(over.stdout).toMatch(/^ended\n/);
    expect((await maasha('silence', '--list', '-c', running)).stdout).toMatch(/^no silence at /);
  });

  it.each([
    [['ack', 'MaasHaNone'], 'no alert that goes on is called MaasHaNone'],
    [['ack', 'MaasHaTestTooHigh', '--for', '1h', '--undo'], 'not with --undo'],
    [['silence'], 'for how long, and why?'],
    [['silence', '--for', '1h', '--reason', 'why'], 'what?'],
    [['silence', '--for', '1h', '--reason', 'why', '--label', 'rc2'], 'expected NAME=VALUE'],
    [['explain', 'x', '--most', 'all'], '--most all: expected a number'],
  ])('refuses maasha %j in words', async (call, words) => {
    const { code, stderr } = await maasha(...call, '-c', running);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it.each([
    ['a wrong token', wrong, 'this is not the token'],
    ['no token', plain, 'expected the header Authorization'],
  ])('is not opened by %s', async (_, config, words) => {
    const { code, stderr, stdout } = await maasha('alerts', '-c', config);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(words);
    expect(stderr).not.toContain(TOKEN);
  });
});

describe('no monitor', patiently, () => {
  it('shows what its store knows, and says so', async () => {
    const { code, stdout, stderr } = await maasha('alerts', '--all', '-c', stopped);
    expect(code).toBe(0);
    expect(stderr).toMatch(/no monitor runs at .*none\.sock .*; this is what it knew at 20\d\d-/);
    expect(stdout).toMatch(/critical {2}firing +MaasHaTestTooHigh \(node rc1\)/);
    expect(stdout).toMatch(/warning {3}pending +MaasHaTestTooLow \(node rc2\)/);
  });

  it('explains from its store', async () => {
    const { code, stdout, stderr } = await maasha('explain', 'MaasHaTestTooHigh', '-c', stopped);
    expect(code).toBe(0);
    expect(stderr).toContain('this is what it knew at');
    expect(stdout).toContain('open: nothing explains it');
  });

  it('says that its store knows nothing of an alert', async () => {
    const { code, stderr } = await maasha('explain', 'MaasHaNone', '-c', stopped);
    expect(code).toBe(2);
    expect(stderr).toContain('neither an alert nor the journal knows MaasHaNone');
  });

  it.each([
    [['ack', 'MaasHaTestTooHigh']],
    [['silence', 'MaasHaTestTooHigh', '--for', '1h', '--reason', 'why']],
  ])('does nothing for maasha %j', async (call) => {
    const { code, stderr } = await maasha(...call, '-c', stopped);
    expect(code).toBe(2);
    expect(stderr).toContain('no monitor runs at');
  });

  it('says where it looked for a store', async () => {
    const { code, stderr } = await maasha('alerts', '-c', nothing);
    expect(code).toBe(2);
    expect(stderr).toContain('there is no store yet');
  });
});
