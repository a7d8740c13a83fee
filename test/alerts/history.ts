import fc from 'fast-check';
import type { Catalogue } from '../../alerts/catalogue.ts';
import { step, type Input, type Outcome } from '../../alerts/lifecycle.ts';
import { isStanding, noAlerts, resume, type Alerts, type Now } from '../../alerts/state.ts';
import type { Names } from '../../alerts/upkeep.ts';
import type { Quiet } from '../../alerts/visibility.ts';
import type { Rule } from '../../src/core/rule.ts';
import { instant } from '../../src/core/time.ts';
import { CATALOGUE, failed, result, WATCHES, type Sample } from './house.ts';

/** What is under test, so that a mutant can take its place. */
export interface Subject {
  readonly step: typeof step;
  readonly resume: typeof resume;
  readonly catalogue: Catalogue;
}
export const REAL: Subject = { step, resume, catalogue: CATALOGUE };

export type Sight = 'good' | 'bad' | 'missing';

const THINGS = WATCHES.flatMap(({ check, rules }) =>
  rules.flatMap((rule) =>
    (rule.metric.labels.length > 0 ? ['a', 'b'] : [undefined]).map((node) => ({
      check,
      rule,
      ...(node !== undefined && { node }),
    })),
  ),
);

export type Act =
  | { readonly do: 'rounds'; readonly count: number }
  | { readonly do: 'set'; readonly thing: number; readonly to: Sight }
  /** It breaks, gets well, and breaks again, each for so many rounds. */
  | {
      readonly do: 'spell';
      readonly thing: number;
      readonly rounds: readonly number[];
      readonly between: Sight;
    }
  | { readonly do: 'fail'; readonly check: number; readonly on: boolean }
  | { readonly do: 'wait'; readonly for: number }
  | { readonly do: 'restart'; readonly down: number }
  | { readonly do: 'jump'; readonly by: number }
  | { readonly do: 'quiet'; readonly rule: string | undefined }
  | { readonly do: 'names'; readonly both: boolean };

type Doing<Name extends Act['do']> = Extract<Act, { do: Name }>;

const sight = fc.constantFrom<Sight>('good', 'bad', 'bad', 'missing');

/** Random incidents: things break, come back, cannot be seen, and the monitor itself is disturbed. */
export const histories = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({ do: fc.constant('rounds'), count: fc.integer({ min: 1, max: 14 }) }),
    },
    {
      weight: 12,
      arbitrary: fc.record({ do: fc.constant('set'), thing: fc.nat(THINGS.length - 1), to: sight }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('spell'),
        thing: fc.nat(THINGS.length - 1),
        between: fc.constantFrom<Sight>('good', 'good', 'missing'),
        rounds: fc.tuple(
          fc.integer({ min: 1, max: 6 }),
          fc.integer({ min: 1, max: 16 }),
          fc.integer({ min: 1, max: 6 }),
        ),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('fail'), check: fc.nat(2), on: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('wait'), for: fc.nat(2000) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('restart'), down: fc.nat(900) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('jump'), by: fc.constantFrom(-3600, 3600) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('quiet'),
        rule: fc.constantFrom(undefined, undefined, 'MaasHaNode', 'MaasHaDatabase'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('names'), both: fc.boolean() }) },
  ),
  { minLength: 4, maxLength: 24 },
);

/** One step as somebody saw it who knows what was really there. */
export interface Seen {
  readonly input: Input | { readonly is: 'restart' };
  readonly before: Alerts;
  readonly outcome: Outcome;
  readonly quiets: readonly Quiet[];
  /** What this round showed, by rule and node; nothing else was looked at. */
  readonly sights: ReadonlyMap<string, Sight>;
}

export const thingKey = (rule: string, node?: string): string => `${rule} ${node ?? ''}`;

/** Lives through a history and then through perfect health until nothing stands, a quarter of an hour at most; tells each step. */
export function live(subject: Subject, acts: readonly Act[], tell: (seen: Seen) => void): void {
  const reality = new Map<number, Sight>();
  const failing = new Set<number>();
  let quiets: readonly Quiet[] = [];
  let names: Names = { node: ['a', 'b'] };
  let now: Now = { steady: instant(5e6), wall: instant(1e12) };
  let state = noAlerts('maas3', now);
  let ids = 0;

  const pass = (time: number): void => {
    now = { steady: instant(now.steady + time * 1000), wall: instant(now.wall + time * 1000) };
  };
  const go = (input: Input, sights: ReadonlyMap<string, Sight> = new Map()): void => {
    const mint = (): string => `episode-${++ids}`;
    const means = { now, catalogue: subject.catalogue, mint, quiets };
    const before = state;
    const outcome = subject.step(before, input, means);
    state = outcome.state;
    tell({ input, before, outcome, quiets, sights });
  };
  const exists = (node?: string): boolean =>
    node === undefined || names['node']?.includes(node) === true;
  const look = (check: string, index: number): void => {
    const things = THINGS.map((thing, at) => ({
      ...thing,
      sees: reality.get(at) ?? 'good',
    })).filter((thing) => thing.check === check && exists(thing.node));
    const samples = things
      .filter(({ sees }) => sees !== 'missing')
      .map(({ sees, ...thing }): Sample => ({ ...thing, value: sees === 'bad' ? 1 : 0 }));
    const blind = failing.has(index);
    const sights = blind
      ? []
      : things.map(({ rule, node, sees }) => [thingKey(rule.name, node), sees] as const);
    go({ is: 'round', result: blind ? failed(check) : result(check, samples) }, new Map(sights));
  };
  const rounds = (count: number): void => {
    for (let round = 0; round < count; round++)
      for (const [index, { check }] of WATCHES.entries()) {
        pass(index === 2 ? 4 : 3);
        look(check, index);
      }
  };
  const restart = (down: number): void => {
    const before = state;
    // A new process has another steady clock.
    now = { steady: instant(9e6 + ids), wall: instant(now.wall + down * 1000) };
    state = subject.resume(JSON.parse(JSON.stringify(state)) as Alerts, now);
    const outcome = { state, transitions: [] };
    tell({ input: { is: 'restart' }, before, outcome, quiets, sights: new Map() });
  };
  const spell = ({ thing, between, rounds: counts }: Doing<'spell'>): void => {
    for (const [index, count] of counts.entries()) {
      reality.set(thing, index === 1 ? between : 'bad');
      rounds(count);
    }
  };
  const fail = ({ check, on }: Doing<'fail'>): void => {
    failing[on ? 'add' : 'delete'](check);
  };
  const disturb = (each: Doing<'jump' | 'quiet' | 'names'>): void => {
    if (each.do === 'jump') now = { ...now, wall: instant(now.wall + each.by * 1000) };
    else if (each.do === 'quiet')
      quiets = each.rule === undefined ? [] : [{ is: 'silenced', id: 's1', rule: each.rule }];
    else {
      names = { node: each.both ? ['a', 'b'] : ['a'] };
      go({ is: 'configured', names });
    }
  };
  const act = (each: Act): void => {
    switch (each.do) {
      case 'rounds':
        rounds(each.count);
        break;
      case 'set':
        reality.set(each.thing, each.to);
        break;
      case 'spell':
        spell(each);
        break;
      case 'fail':
        fail(each);
        break;
      case 'wait':
        pass(each.for);
        go({ is: 'tick' });
        break;
      case 'restart':
        restart(each.down);
        break;
      case 'jump':
      case 'quiet':
      case 'names':
        disturb(each);
    }
  };
  acts.forEach(act);
  reality.clear();
  failing.clear();
  quiets = [];
  // A flapping one needs ten minutes of rest and a window of samples.
  for (let round = 0; round < 90 && Object.values(state.alerts).some(isStanding); round++)
    rounds(1);
}

/** By rule: what may explain it, written down again by hand. */
const CAUSES: Readonly<Record<string, readonly string[]>> = {
  MaasHaVip: [],
  MaasHaNode: [],
  MaasHaDatabase: ['MaasHaNode'],
  MaasHaLag: ['MaasHaDatabase', 'MaasHaNode'],
  MaasHaDouble: [],
  MaasHaOdd: ['MaasHaVip'],
};

interface Thing {
  readonly rule: string;
  readonly labels: Readonly<Record<string, string>>;
}

export const isCauseOf = (cause: Thing, of: Thing): boolean =>
  of.rule !== 'MaasHaMonitorIsolated' &&
  (cause.rule === 'MaasHaMonitorIsolated' ||
    (CAUSES[of.rule]?.includes(cause.rule) === true && cause.labels['node'] === of.labels['node']));

export const ruleNamed = (name: string): Rule => {
  const found = CATALOGUE.rules.get(name);
  if (found === undefined) throw new Error(`no rule ${name}`);
  return found.rule;
};
