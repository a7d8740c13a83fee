import type { Check } from '../core/check.ts';
import type { Region } from '../core/region.ts';
import type { Clock } from '../core/time.ts';
import { absentResult } from '../core/result.ts';
import type { Bus } from './bus.ts';
import { addressOf, discover } from './discovery.ts';
import { absenceOf, targetsOf } from './plan.ts';
import { probeText, scrapeLimit } from './probe.ts';
import type { Answer, Asked, Prober } from './prober.ts';
import { Refused, Unavailable, type Reply, type Request, type Route } from './server.ts';

/** What probes are asked of. */
export interface Probing {
  readonly regions: readonly Region[];
  readonly prober: Prober;
  readonly clock: Clock;
  readonly bus?: Bus;
}

/**
 * A run waits for the network most of its time and costs a few sockets, so hundreds may be under way: a
 * healthy region has about one at any moment, one that hangs about five (15 checks, each up to its deadline).
 * One region is never given more than a start of the service gives it in its first second.
 */
export const ROOM = { all: 512, ofOne: 12 } as const;

/** The text format of Prometheus: comments for people have no place in the other one. */
const TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * `/probe` in the manner of blackbox_exporter (`target` and `module` are other names for `region` and
 * `check`), and `/sd`, which tells Prometheus what there is to probe, and how often.
 */
export const probeRoutes = (now: () => Probing): Readonly<Record<'/probe' | '/sd', Route>> => ({
  '/probe': (request) => answerProbe(request, now()),
  '/sd': ({ query, headers }) => {
    const { regions, prober } = now();
    const body = discover(prober.checks, regions, {
      address: addressOf(query.get('address') ?? undefined, headers.host),
      regions: query.getAll('region'),
      checks: query.getAll('check'),
    });
    return { status: 200, type: 'application/json', body: `${JSON.stringify(body)}\n` };
  },
});

async function answerProbe({ query, headers }: Request, probing: Probing): Promise<Reply> {
  const asked = understood(query, probing);
  const zone = zoneIn(query, asked);
  const header = headers['x-prometheus-scrape-timeout-seconds'];
  const limit = scrapeLimit(typeof header === 'string' ? header : undefined);
  const answer = await counted(probing, {
    ...asked,
    fresh: query.get('fresh') === 'true',
    ...(limit !== undefined && { limit }),
  });
  const body = await probeText(answer, {
    region: asked.region,
    zone,
    debug: query.get('debug') === 'true',
    now: probing.clock.now(),
  });
  return { status: 200, type: TEXT, body };
}

async function counted({ prober, clock, bus }: Probing, asked: Asked): Promise<Answer> {
  const { check, region } = asked;
  const absence = absenceOf(check, region);
  if (absence !== undefined)
    return { result: absentResult(check, region.name, absence, clock.now()), way: 'ran' };
  try {
    const answer = await prober.answer(asked);
    bus?.publish({ type: 'probe.answered', check: check.name, way: answer.way });
    return answer;
  } catch (error) {
    if (error instanceof Unavailable)
      bus?.publish({ type: 'probe.answered', check: check.name, way: 'refused' });
    throw error;
  }
}

interface Understood {
  readonly check: Check;
  readonly region: Region;
}

/** @throws Refused */
function understood(query: URLSearchParams, { prober, regions }: Probing): Understood {
  const name = query.get('check') ?? query.get('module') ?? '';
  const { checks } = prober;
  const check = checks.find((each) => each.name === name);
  if (check === undefined) throw unknown('check', name, checks);
  const wanted = query.get('region') ?? query.get('target') ?? undefined;
  return { check, region: chosen(wanted, targetsOf(check, regions)) };
}

/** The zone that is asked for. @throws Refused when there is none of that name. */
function zoneIn(query: URLSearchParams, { region, check }: Understood): string | undefined {
  const zone = query.get('zone') ?? undefined;
  if (zone === undefined || check.name !== 'dns-serial') return undefined;
  const zones = region.dns?.zones ?? [];
  if (zones.includes(zone)) return zone;
  throw unknown(
    'zone',
    zone,
    zones.map((name) => ({ name })),
  );
}

/** The target that is asked for; the only one, when none is. @throws Refused */
export function chosen(wanted: string | undefined, targets: readonly Region[]): Region {
  const [region, second] = targets.filter(({ name }) => name === (wanted ?? name));
  if (region !== undefined && second === undefined) return region;
  throw unknown('region', wanted ?? '', targets);
}

const unknown = (
  what: string,
  found: string,
  there: readonly { readonly name: string }[],
): Refused =>
  new Refused(
    400,
    `${what}=${found} is not known; there is ${there.map(({ name }) => name).join(', ')}`,
  );
