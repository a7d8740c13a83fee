import type { z } from 'zod';
import type { Mirrored } from '../../alerts/mirror.ts';
import type { Mirror } from '../../alerts/notifier.ts';
import notifier from '../../alerts/notifiers/alertmanager.ts';
import { Secret } from '../../src/core/secret.ts';
import { instant, type Clock } from '../../src/core/time.ts';
import { FakeClock } from './clock.ts';
import {
  isProgram,
  runAlone,
  startMock,
  type Heard,
  type MockOptions,
  type MockServer,
  type Reply,
} from './webhook-server.ts';

/*
 * An Alertmanager as far as its API v2 shows it: what it refuses and with which words was seen from
 * version 0.25.0; how it merges follows its documentation of clients' duties and its own behaviour.
 */

type Labels = Readonly<Record<string, string>>;

/** An alert as it is kept. */
export interface Stored {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: number;
  readonly endsAt: number;
  /** The end was not given: it comes by itself. */
  readonly timeout: boolean;
}

export interface MockAlertmanager extends MockServer {
  /** All that it was ever told and still holds, also what is over. */
  alerts(): readonly Stored[];
  /** What goes on at this moment. */
  firing(at?: number): readonly Stored[];
}

export async function startAlertmanager(options: MockOptions = {}): Promise<MockAlertmanager> {
  const kept = new Map<string, Stored>();
  const server = await startMock((heard) => serve(heard, kept), options);
  const alerts = (): readonly Stored[] => [...kept.values()];
  return {
    ...server,
    alerts,
    firing: (at = Date.now()) => alerts().filter(({ endsAt }) => endsAt > at),
  };
}

function serve(heard: Heard, kept: Map<string, Stored>): Reply {
  const [path] = heard.path.split('?');
  if (path === '/api/v2/status' && heard.method === 'GET')
    return json(200, { cluster: { status: 'disabled' }, versionInfo: { version: '0.25.0' } });
  if (path !== '/api/v2/alerts') return json(404, 'no such path');
  if (heard.method === 'GET') return json(200, [...kept.values()]);
  if (!(heard.headers['content-type'] ?? '').startsWith('application/json'))
    return json(415, { code: 415, message: 'only [application/json] are allowed' });
  return post(heard, kept);
}

const json = (status: number, said: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(said),
});

/** What cannot be read costs everything; what can be and is wrong costs only itself. */
function post({ body, at }: Heard, kept: Map<string, Stored>): Reply {
  const given = read(body);
  if (typeof given === 'string') return json(400, { code: 400, message: given });
  const unfit = given.findIndex(({ labels }) => labels === undefined);
  if (unfit >= 0) return json(422, { code: 602, message: `${unfit}.labels in body is required` });
  const problems = given.flatMap((alert) => {
    const stored = withDefaults(alert, at);
    const problem = problemOf(stored);
    if (problem !== undefined) return [problem];
    const key = JSON.stringify(Object.entries(stored.labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    const old = kept.get(key);
    kept.set(key, old === undefined ? stored : merged(old, stored, at));
    return [];
  });
  return problems.length > 0 ? json(400, problems.join('; ')) : { status: 200 };
}

interface Given {
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly startsAt?: string;
  readonly endsAt?: string;
}

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** The alerts, or why they cannot be read. */
function read(body: string): readonly Given[] | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return 'parsing alerts body failed, because unexpected EOF';
  }
  if (!Array.isArray(parsed)) return 'parsing alerts body failed, because it is no list';
  const given = parsed as readonly Given[];
  for (const { labels = {}, annotations = {}, startsAt, endsAt } of given) {
    if ([labels, annotations].flatMap(Object.values).some((value) => typeof value !== 'string'))
      return 'parsing alerts body failed, because json: cannot unmarshal number into type string';
    for (const time of [startsAt, endsAt])
      if (time !== undefined && !RFC3339.test(time))
        return `parsing alerts body failed, because parsing time ${JSON.stringify(time)}`;
  }
  return given;
}

/** Without a given end, an alert ends five minutes after it was last heard of (resolve_timeout). */
function withDefaults({ labels = {}, annotations = {}, ...times }: Given, now: number): Stored {
  const endsAt = times.endsAt === undefined ? undefined : Date.parse(times.endsAt);
  return {
    labels: Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== '')),
    annotations,
    startsAt: times.startsAt === undefined ? (endsAt ?? now) : Date.parse(times.startsAt),
    endsAt: endsAt ?? now + 300_000,
    timeout: endsAt === undefined,
  };
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

function problemOf({ labels, annotations, startsAt, endsAt }: Stored): string | undefined {
  if (endsAt < startsAt) return 'start time must be before end time';
  if (Object.keys(labels).length === 0) return 'at least one label pair required';
  const badLabel = Object.keys(labels).find((name) => !NAME.test(name));
  if (badLabel !== undefined) return `invalid label set: invalid name ${JSON.stringify(badLabel)}`;
  const badNote = Object.keys(annotations).find((name) => !NAME.test(name));
  return badNote === undefined ? undefined : `invalid annotations: invalid name "${badNote}"`;
}

/** Two spans that touch are one alert: from the earlier beginning, to the end that was really said. */
function merged(old: Stored, young: Stored, now: number): Stored {
  const touch =
    (young.endsAt > old.startsAt && young.endsAt < old.endsAt) ||
    (young.startsAt > old.startsAt && young.startsAt < old.endsAt);
  if (!touch) return young;
  const over = young.endsAt <= now;
  const keepsOldEnd = old.endsAt > young.endsAt && (over ? old.endsAt <= now : !old.timeout);
  return {
    ...young,
    startsAt: Math.min(old.startsAt, young.startsAt),
    endsAt: keepsOldEnd ? old.endsAt : young.endsAt,
  };
}

/** An episode that began at `startsAt` and goes on; a test changes what it is about. */
export const episode = (startsAt: number, changes: Partial<Mirrored> = {}): Mirrored => ({
  region: 'maas3',
  rule: 'MaasHaNodeDown',
  severity: 'critical',
  labels: { node: 'rc2' },
  startsAt: instant(startsAt),
  annotations: { summary: 'rc2 does not answer', episode_id: '01KAR000000000000000ABCDEF' },
  ...changes,
});

/** Shows the time as it is, so that the mock's own clock agrees; nothing is ever due by itself. */
export const wall = (): Clock => {
  const { steady, after } = new FakeClock();
  return { now: () => instant(Date.now()), steady, after };
};

export const mirrorSettings = notifier.settings as z.ZodType<Parameters<typeof notifier.open>[0]>;

export interface MirrorWanted {
  readonly clock?: Clock;
  readonly token?: string;
  readonly section?: Readonly<Record<string, unknown>>;
}

/** The mirror of a monitor named `watcher`. */
export function openMirror(
  urls: readonly string[],
  { clock = wall(), token, section }: MirrorWanted = {},
): Mirror {
  const files = token === undefined ? {} : { token_file: '/etc/maasha/am' };
  const opened = notifier.open(mirrorSettings.parse({ urls, ...files, ...section }), {
    channel: 'alertmanager',
    clock,
    monitor: 'watcher',
    secret: (key) => (key === 'token_file' && token !== undefined ? new Secret(token) : undefined),
    print: () => {},
  });
  if (opened.is !== 'mirror') throw new Error('expected a mirror');
  return opened;
}

if (isProgram(import.meta.url)) await runAlone(startAlertmanager);
