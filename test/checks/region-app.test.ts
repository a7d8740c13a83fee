import { describe, expect, it, test } from 'vitest';
import check from '../../checks/region-app.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import type { HttpPhase, HttpReply } from '../../src/core/ports/network.ts';
import type { Region } from '../../src/core/region.ts';
import { seconds } from '../../src/core/time.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';

const [RC1, RC2] = ['172.31.16.32', '172.31.16.33'] as const;

type Fate = CheckFailure | Partial<HttpReply>;
type Page = 'login' | 'version' | 'status';
type Fates = Readonly<Partial<Record<'vip' | 'rc1' | 'rc2', Partial<Record<Page, Fate>>>>>;

const LOGIN: Fate = { body: '<!DOCTYPE html><title>Login | MAAS</title>' };
const VERSION: Fate = { body: '{"version": "1.9.5", "subversion": ""}' };
const STATUS: Fate = {
  body: 'Total Accesses: 7\nServerUptimeSeconds: 156\nUptime: 156\nBusyWorkers: 3\nGracefulWorkers: 0\nIdleWorkers: 97\n',
};
const GOOD: Readonly<Record<Page, Fate>> = { login: LOGIN, version: VERSION, status: STATUS };

const APACHE: Fate = {
  status: 503,
  body: '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN"><html><head>\n<title>503 Service Unavailable</title>\n</head><body><h1>Service Unavailable</h1>',
};
const NGINX: Fate = {
  status: 502,
  body: '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center>',
};
const HAPROXY: Fate = {
  status: 503,
  body: '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.',
};
const STARTING: Fate = { status: 503, body: '<html><title>503 - MAAS is starting</title>' };

const fails = (code: CheckFailure['code'], phase?: HttpPhase): CheckFailure =>
  new CheckFailure(code, `it is ${code}`, { facts: phase === undefined ? {} : { phase } });

const pageOf = (path: string): Page =>
  path.includes('/api/') ? 'version' : path.includes('/accounts/') ? 'login' : 'status';

async function look(
  fates: Fates,
  changes: Partial<Region> = {},
): Promise<Ran & { readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const get = async (url: string): Promise<HttpReply> => {
    asked.push(url);
    const { hostname, pathname } = new URL(url);
    const name = hostname === RC1 ? 'rc1' : hostname === RC2 ? 'rc2' : 'vip';
    const page = pageOf(pathname);
    const fate = fates[name]?.[page] ?? GOOD[page];
    if (fate instanceof CheckFailure) throw fate;
    return { headers: {}, took: seconds(0.02), status: 200, body: '', ...fate };
  };
  const ran = await runCheck(check, region(changes), fakePorts({ http: { get } }), {
    clock: new FakeClock(),
  });
  return { ...ran, asked };
}

const said = (ran: Ran): string =>
  ran.evidence.map(({ subject, says }) => `${subject} ${says}`).join('\n');

const stateOf = (ran: Ran, server = 'vip'): string | undefined =>
  Object.entries(ran.values)
    .find(
      ([series, value]) => series.startsWith(`maasha_app_state{server="${server}"`) && value === 1,
    )?.[0]
    .match(/state="(\w+)"/)?.[1];

const at = (server: string): string => `{server="${server}"}`;

describe('region-app', () => {
  it('finds the pages of MAAS at the URL and at each node well, and asks each for two', async () => {
    const ran = await look({});
    expect(ran.alerts).toEqual([]);
    expect(ran.gaps).toEqual([]);
    expect(ran.values).toMatchObject({ [`maasha_app_serves${at('vip')}`]: 1 });
    expect(['vip', 'rc1', 'rc2'].map((server) => stateOf(ran, server))).toEqual(
      Array(3).fill('serves'),
    );
    expect([...ran.asked].sort()).toEqual(
      [RC1, RC2, '172.31.16.39'].flatMap((host) =>
        ['accounts/login/', 'api/1.0/version/'].map((page) => `http://${host}/MAAS/${page}`),
      ),
    );
  });

  it('of generation 2 asks the API that this generation has', async () => {
    const ran = await look({}, { generation: 2 });
    expect(ran.asked.filter((url) => url.includes('api/2.0/version/'))).toHaveLength(3);
    expect(ran.asked.some((url) => url.includes('api/1.0/'))).toBe(false);
  });

  test.each<readonly [string, Fate]>([
    ['a title with MAAS in it', LOGIN],
    [
      'what the page of 2.7 and later needs',
      { body: '{"authenticated": false, "no_users": true}' },
    ],
  ])('takes for the login page %s', async (_, login) => {
    expect(stateOf(await look({ vip: { login } }))).toBe('serves');
  });

  it('takes an API that wants an account for alive: up to 1.8 it does', async () => {
    const ran = await look({ vip: { version: { status: 401, body: '' } } });
    expect(stateOf(ran)).toBe('serves');
    expect(said(ran)).toContain('accounts only');
  });

  it('finds the passive node of generation 1, without a database, as it should be', async () => {
    const ran = await look({ rc2: { login: { status: 500, body: 'OperationalError' } } });
    expect(ran.alerts).toEqual([]);
    expect(stateOf(ran, 'rc2')).toBe('no_database');
    expect(said(ran)).toContain('rc2 no database: the login page answers 500: "OperationalError"');
    expect(said(ran)).toContain('the application lives: its API is MAAS 1.9.5');
  });

  test.each([
    ['Apache', APACHE],
    ['nginx', NGINX],
    ['HAProxy', HAPROXY],
  ])('tells a web server that answers alone from MAAS: %s', async (_, login) => {
    const ran = await look({ vip: { login, version: login } });
    expect(stateOf(ran)).toBe('no_backend');
    expect(ran.alerts).toEqual(['MaasHaAppBackendGone vip no_backend', 'MaasHaAppNotServing vip']);
  });

  it('does not take MAAS that says itself that it starts for a web server alone', async () => {
    const ran = await look({ vip: { login: STARTING } });
    expect(stateOf(ran)).toBe('starting');
    expect(ran.alerts).toEqual(['MaasHaAppNotServing vip']);
  });

  test.each<readonly [string, Fate, string]>([
    ['another page', { body: '<title>Apache2 Debian Default Page: It works</title>' }, 'foreign'],
    ['JSON that is not its own', { body: '{"authenticated": "no"}' }, 'foreign'],
    ['nothing', { body: '' }, 'foreign'],
    ['not found', { status: 404, body: '' }, 'foreign'],
    ['elsewhere', { status: 302, headers: { location: 'http://portal.test/' } }, 'foreign'],
    ['no HTTP', fails('protocol'), 'foreign'],
    ['too late a gateway', { status: 504, body: '' }, 'hangs'],
    ['a 503 that is no stock page', { status: 503, body: 'one moment' }, 'starting'],
    ['a bare 502', { status: 502, body: '' }, 'no_backend'],
    ['nobody', fails('refused', 'connect'), 'closed'],
    ['no way', fails('unreachable', 'connect'), 'unreachable'],
    ['no way in time', fails('timeout', 'connect'), 'unreachable'],
    ['no first byte', fails('timeout', 'first byte'), 'hangs'],
    ['no last byte', fails('timeout', 'body'), 'hangs'],
  ])('where the login page is %s', async (_, login, state) => {
    const ran = await look({ vip: { login } });
    expect(stateOf(ran)).toBe(state);
    expect(ran.alerts).toContain('MaasHaAppNotServing vip');
    expect(ran.gaps).toEqual([]);
  });

  it('says where a redirect leads', async () => {
    const ran = await look({
      vip: { login: { status: 302, headers: { location: 'http://portal.test/' } } },
    });
    expect(said(ran)).toContain('it sends elsewhere, to http://portal.test/');
  });

  it('finds a page without its API partly there', async () => {
    const ran = await look({ vip: { version: { status: 500, body: 'Traceback' } } });
    expect(stateOf(ran)).toBe('partly');
    expect(ran.alerts).toEqual(['MaasHaAppNotServing vip']);
  });

  it.each([404, 410])(
    'asks whether the generation is right where the API answers %i',
    async (status) => {
      const ran = await look({ vip: { version: { status, body: '' } } });
      expect(ran.gaps.map(({ subject, failure }) => `${subject} ${failure.code}`)).toEqual([
        'vip config',
      ]);
      expect(ran.gaps[0]?.failure.message).toContain('`generation: 1`');
      expect(stateOf(ran)).toBeUndefined();
      expect(ran.alerts).toEqual([]);
    },
  );

  it('calls a channel that cannot be secured a gap, and judges nothing there', async () => {
    const ran = await look({ vip: { login: fails('tls') } });
    expect(ran.gaps.map(({ subject, failure }) => `${subject} ${failure.code}`)).toEqual([
      'vip tls',
    ]);
    expect(stateOf(ran)).toBeUndefined();
  });

  it('judges the URL, and leaves a node to the check on the spare', async () => {
    const ran = await look({ rc1: { login: APACHE }, rc2: { login: fails('refused') } });
    expect(ran.alerts).toEqual([]);
  });
});

describe('region-app, slow', () => {
  const slow = (took: number, phases: HttpReply['phases']): Fate => ({
    ...LOGIN,
    took: seconds(took),
    ...(phases !== undefined && { phases }),
  });
  const at25 = slow(2.5, {
    connect: seconds(0.01),
    tls: seconds(0.04),
    'first byte': seconds(2.4),
    body: seconds(0.05),
  });

  test.each([
    [2, []],
    [2.01, ['MaasHaAppSlow vip']],
  ])('is told above two seconds: %d', async (took, alerts) => {
    expect((await look({ vip: { login: slow(took, undefined) } })).alerts).toEqual(alerts);
  });

  it('shows each phase, and says what the longest one waits for', async () => {
    const ran = await look({ vip: { login: at25 } });
    expect(ran.values).toMatchObject({
      'maasha_app_phase_seconds{server="vip",phase="connect"}': 0.01,
      'maasha_app_phase_seconds{server="vip",phase="tls"}': 0.04,
      'maasha_app_phase_seconds{server="vip",phase="first_byte"}': 2.4,
      'maasha_app_phase_seconds{server="vip",phase="body"}': 0.05,
    });
    expect(said(ran)).toContain(
      'the login page took 2.5s, of that 2.4s until the first byte: it waits for the application',
    );
  });

  it('does not speak of what a quick page waits for', async () => {
    const ran = await look({ vip: { login: slow(0.2, { 'first byte': seconds(0.2) }) } });
    expect(said(ran)).not.toContain('it waits');
  });

  it('is not told of a node: there it may be by design', async () => {
    expect((await look({ rc2: { login: at25 } })).alerts).toEqual([]);
  });
});

describe('region-app, since when', () => {
  const app = { statusPath: '/server-status' };
  const now = new FakeClock().now() / 1000;

  it('takes the age of the web server for the difference to now', async () => {
    const ran = await look({}, { app });
    expect(ran.values).toMatchObject({
      'maasha_app_started_timestamp_seconds{node="rc1"}': now - 156,
      'maasha_app_started_timestamp_seconds{node="rc2"}': now - 156,
    });
    expect(said(ran)).toContain('rc1 its web server runs for 2m 36s, 3 of 100 workers busy');
    expect(ran.asked).toContain(`http://${RC1}/server-status?auto`);
  });

  it('reads the form of Apache before 2.4.17, which has no ServerUptimeSeconds', async () => {
    const status = { body: 'Total Accesses: 5\nUptime: 60\n' };
    const ran = await look({ rc1: { status } }, { app });
    expect(ran.values).toHaveProperty('maasha_app_started_timestamp_seconds{node="rc1"}', now - 60);
  });

  test.each<readonly [string, Fate, string]>([
    ['is not let in', { status: 403, body: '' }, 'no_privilege'],
    ['finds no such page', { status: 404, body: '' }, 'protocol'],
    ['gets the page for people', { body: '<h1>Apache Server Status</h1>' }, 'protocol'],
    ['gets an age that is none', { body: 'Uptime: soon\n' }, 'protocol'],
    ['may not trust the channel', fails('tls'), 'tls'],
  ])('is not known where the monitor %s', async (_, status, code) => {
    const ran = await look({ rc1: { status } }, { app });
    expect(ran.gaps.map(({ subject, failure }) => `${subject} ${failure.code}`)).toEqual([
      `rc1 ${code}`,
    ]);
    expect(ran.values).not.toHaveProperty('maasha_app_started_timestamp_seconds{node="rc1"}');
  });

  it('is no gap where the node is silent: that is told by what it serves', async () => {
    const ran = await look({ rc1: { status: fails('refused'), login: fails('refused') } }, { app });
    expect(ran.gaps).toEqual([]);
    expect(stateOf(ran, 'rc1')).toBe('closed');
  });

  it('is not asked where no such page is configured', async () => {
    expect((await look({})).asked.some((url) => url.includes('status'))).toBe(false);
  });
});
