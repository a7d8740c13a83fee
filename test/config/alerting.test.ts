import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { ZodType } from 'zod';
import { loadConfig, type Config } from '../../src/config/load.ts';
import { loadNotifiers } from '../../src/runtime/notifiers.ts';

const notifiers = await loadNotifiers();
const known = {
  checks: [],
  scheduleProblem: () => undefined,
  channels: notifiers.map(({ name, settings }) => ({ name, settings: settings as ZodType })),
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maasha-alerting-'));
  for (const name of ['slack', 'smtp', 'token']) writeFileSync(join(folder, name), 'canary\n');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function load(alerting: unknown): Config {
  const file = join(folder, 'maasha.yaml');
  writeFileSync(
    file,
    stringify({
      regions: [
        {
          name: 'maas3',
          vip: '172.31.16.39',
          maas_url: 'http://172.31.16.39/MAAS',
          nodes: [{ name: 'rc1', address: '172.31.16.32' }],
        },
      ],
      alerting,
    }),
  );
  return loadConfig(file, known);
}

const slack = { token_file: 'slack', channel: 'C0123456' };
const email = {
  smtp: 'smtps://mail.example.org',
  user: 'maasha',
  password_file: 'smtp',
  from: 'maasha@example.org',
  to: ['ops@example.org'],
};

describe('a section `alerting:`', () => {
  it('may be missing: then nobody is told, and nothing is kept', () => {
    expect(load(undefined).alerting).toBeUndefined();
  });

  it('holds a section for each channel, with its secrets read', () => {
    const { alerting } = load({ slack, email: { ...email, severity: 'critical' }, console: {} });
    expect(alerting?.channels.map(({ name, severity }) => [name, severity])).toEqual([
      ['console', 'warning'],
      ['email', 'critical'],
      ['slack', 'warning'],
    ]);
    const [, mail, chat] = alerting?.channels ?? [];
    expect(mail?.secret('password_file')?.reveal()).toBe('canary');
    expect(chat?.secret('token_file')?.reveal()).toBe('canary');
    expect(JSON.stringify(alerting)).not.toContain('canary');
  });

  it('may hold several channels of one kind, each with a name', () => {
    const { alerting } = load({
      slack: [
        { ...slack, name: 'ops' },
        { ...slack, name: 'leads', channel: 'C7654321', escalation: 1 },
      ],
    });
    expect(alerting?.channels.map(({ name, escalation }) => [name, escalation])).toEqual([
      ['ops', 0],
      ['leads', 1],
    ]);
  });

  it('keeps its state beside the configuration, unless it says otherwise', () => {
    expect(load({}).alerting?.state).toBe(join(folder, 'maasha-state'));
    expect(load({ state: '/var/lib/maasha' }).alerting?.state).toBe('/var/lib/maasha');
  });

  it('hides the dead man’s URL, which is a secret', () => {
    const { alerting } = load({ dead_man: { url: 'https://hc.example.org/canary', every: '30s' } });
    expect(alerting?.deadMan?.every).toBe(30);
    expect(JSON.stringify(alerting)).not.toContain('canary');
  });

  it('takes maintenance windows, once and weekly', () => {
    const windows = [
      { name: 'move', from: '2026-11-24 22:00', to: '2026-11-24 23:30', zone: 'Europe/Berlin' },
      { name: 'patches', weekly: { on: ['sun'], at: '02:00', for: '2h' }, region: 'maas3' },
    ];
    expect(load({ maintenance: windows }).alerting?.maintenance).toMatchObject(windows);
  });
});

describe('a mistake in `alerting:` is told with its place, what was found and what was expected', () => {
  it.each([
    ['an unknown channel', { slakc: slack }, /found unknown key "slakc".*did you mean "slack"/],
    ['an unknown setting', { slack: { ...slack, chanel: 'C1' } }, /unknown key "chanel".*channel/],
    [
      'a name for an id',
      { slack: { ...slack, channel: '#ops' } },
      /alerting\.slack\.channel: found "#ops"/,
    ],
    [
      'a token that is not there',
      { slack: { ...slack, token_file: 'none' } },
      /token_file: .*cannot be read \(ENOENT\)/,
    ],
    [
      'half an account',
      { email: { ...email, user: undefined } },
      /user and password_file together/,
    ],
    ['two channels of one name', { slack: [slack, slack] }, /"slack" a second time/],
    [
      'a severity that does not exist',
      { slack: { ...slack, severity: 'bad' } },
      /critical, warning or info/,
    ],
    [
      'a time zone that does not exist',
      {
        maintenance: [
          { name: 'a', from: '2026-11-24 22:00', to: '2026-11-24 23:00', zone: 'Mars' },
        ],
      },
      /a time zone such as Europe\/Berlin/,
    ],
    [
      'a window about no alert',
      {
        maintenance: [
          { name: 'a', from: '2026-11-24 22:00', to: '2026-11-24 23:00', rules: ['MaasHaNone'] },
        ],
      },
      /the name of an alert/,
    ],
    [
      'an account in a URL',
      { dead_man: { url: 'https://me:canary@hc.example.org' } },
      /dead_man\.url/,
    ],
  ])('%s', (_, alerting, expected) => {
    expect(() => load(alerting)).toThrow(expected);
    expect(() => load(alerting)).not.toThrow(/canary/);
  });
});
