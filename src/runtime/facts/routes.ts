import type { Secret } from '../../core/secret.ts';
import type { Region } from '../../core/region.ts';
import { printable } from '../../core/printable.ts';
import { instant, isoTime, type Clock } from '../../core/time.ts';
import type { Ledger } from '../../store/ledger.ts';
import { admit } from '../api.ts';
import type { Bus } from '../bus.ts';
import type { Planned } from '../schedule.ts';
import {
  json,
  Refused,
  Unavailable,
  type Places,
  type Reply,
  type Request,
  type Route,
} from '../server.ts';
import { keepFact, keptFact } from './kept.ts';
import { wantedFacts, type Wanted } from './wanted.ts';

/** What pushing a fact needs. */
export interface FactSetup {
  readonly regions: readonly Region[];
  readonly ledger: Pick<Ledger, 'document' | 'commit' | 'trouble'>;
  readonly clock: Clock;
  readonly bus: Pick<Bus, 'publish'>;
  /** The checks that exist; those that read a fact run as soon as it is kept. */
  readonly planned: readonly Planned[];
}

/** Where it is served; the two last parts are the region and the fact's name. */
export const FACTS = '/api/facts';

/**
 * What others know, pushed by them: `POST /api/facts/<region>/<name>`, and `GET` for what was pushed last.
 * Whoever may acknowledge alerts may do this: a pushed fact can raise an alert, and end it.
 */
export function factRoutes(
  now: () => FactSetup | undefined,
  token: () => Secret | undefined,
): Places {
  const admitted =
    (does: (asked: Asked) => Reply | Promise<Reply>): Route =>
    (request) => {
      admit(request, token());
      const setup = now();
      if (setup === undefined) throw new Unavailable('the monitor is just starting');
      return does({ setup, request, ...located(setup, request) });
    };
  return {
    [`${FACTS}/*/*`]: {
      GET: admitted(shown),
      POST: admitted(kept),
      error: (status, says) => json(status, { error: says }),
    },
  };
}

interface Asked {
  readonly setup: FactSetup;
  readonly request: Request;
  readonly region: Region;
  readonly name: string;
  readonly readers: readonly Wanted[];
}

/** @throws Refused when there is no such region, or nobody there reads such a fact. */
function located({ regions }: FactSetup, { path }: Request) {
  const [regionName = '', name = ''] = path.split('/').slice(-2).map(decoded);
  const region = regions.find((each) => each.name === regionName);
  if (region === undefined)
    throw new Refused(
      404,
      `no region is named ${printable(regionName, 60)}; there is ${regions.map((each) => each.name).join(', ')}`,
    );
  const wanted = wantedFacts(region);
  const readers = wanted.filter((each) => each.name === name);
  if (readers.length > 0) return { region, name, readers };
  const names = [...new Set(wanted.map((each) => each.name))].join(', ');
  throw new Refused(
    404,
    `the configuration of ${region.name} asks for no fact that is named ${printable(name, 60)}: ${
      names === ''
        ? 'it has no source { pushed: NAME }'
        : `those of its sources { pushed: NAME } are ${names}`
    }`,
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refused(400, 'the path is not percent-encoded UTF-8');
  }
}

function shown({ setup, region, name }: Asked): Reply {
  const fact = keptFact(setup.ledger, region.name, name);
  return json(200, { region: region.name, name, fact: fact ?? null });
}

async function kept({ setup, request, region, name, readers }: Asked): Promise<Reply> {
  const text = await request.text();
  if (text.trim() === '')
    throw new Refused(400, 'the body is empty: expected what the fact says, as text or JSON');
  const { at = 0 } = keepFact(setup, region.name, name, text);
  for (const { check } of readers) wake(setup, region, check);
  const { trouble } = setup.ledger;
  return json(200, {
    region: region.name,
    name,
    at: isoTime(instant(at * 1000)),
    // Said with what was done, when a restart would undo it.
    ...(trouble !== undefined && { trouble }),
  });
}

function wake({ planned, bus }: FactSetup, { name }: Region, check: string): void {
  for (const each of planned)
    if (each.region.name === name && each.check.name === check)
      bus.publish({ type: 'check.requested', ...each, trigger: 'event' });
}
