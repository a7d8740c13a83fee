import type { Catalogue } from '../../alerts/catalogue.ts';
import { step, type Input, type Outcome } from '../../alerts/lifecycle.ts';
import { quietsAt, type Silence } from '../../alerts/quiet.ts';
import { isStanding, noAlerts, resume, type Alerts, type Now } from '../../alerts/state.ts';
import type { Names } from '../../alerts/upkeep.ts';
import { inForce, type Window } from '../../alerts/windows.ts';
import type { Severity } from '../../src/core/rule.ts';
import { instant, seconds } from '../../src/core/time.ts';
import { THINGS, type Act, type Doing, type Sight } from './acts.ts';
import { CATALOGUE, failed, result, VIP, WATCHES, type Sample } from './house.ts';

/** What is under test, so that a mutant can take its place. */
export interface Subject {
  readonly step: typeof step;
  readonly resume: typeof resume;
  readonly catalogue: Catalogue;
}
export const REAL: Subject = { step, resume, catalogue: CATALOGUE };

/** One step as somebody saw it who knows what was really there. */
export interface Seen {
  readonly input: Input | { readonly is: 'restart' };
  readonly before: Alerts;
  readonly outcome: Outcome;
  readonly silences: readonly Silence[];
  /** The windows in force. */
  readonly windows: readonly Window[];
  readonly names: Names;
  readonly now: Now;
  /** Seconds that have really passed since the step before. */
  readonly passed: number;
  /** What this round showed, by rule and node; nothing else was looked at. */
  readonly sights: ReadonlyMap<string, Sight>;
}

export const thingKey = (rule: string, node?: string): string => `${rule} ${node ?? ''}`;

/** Ten past two in Berlin, for the first time on the day on which it is so twice; a Sunday. */
const BEGIN = Date.parse('2026-10-25T00:10Z');

type Silencing = Doing<'silence'>;

/** What `first` says: only the episode of the first alert that stands. */
function silenceOf(act: Silencing, id: string, state: Alerts): Silence {
  const { rule, node, length, first } = act;
  const standing = first ? Object.values(state.alerts).find(isStanding) : undefined;
  return {
    id,
    by: 'ann',
    reason: 'works on it',
    created: state.wall,
    until: instant(state.wall + length * 1000),
    ...(standing !== undefined && { episode: standing.episode.id }),
    ...(standing === undefined && rule !== undefined && { rule }),
    ...(standing === undefined && node !== undefined && { labels: { node } }),
  };
}

const windowOf = ({ rule, node, at, zone }: Doing<'plan'>, name: string): Window => ({
  name,
  zone,
  weekly: { on: ['sat', 'sun'], at, for: '40m' },
  ...(rule !== undefined && { rules: [rule] }),
  ...(node !== undefined && { labels: { node } }),
});

/** The same rules, except for how grave a lost virtual address is. */
const graded = (catalogue: Catalogue, severity: Severity): Catalogue => {
  const rule = { ...VIP, severity };
  const watches = catalogue.watches.map((watch) => ({
    ...watch,
    rules: watch.rules.map((each) => (each.name === VIP.name ? rule : each)),
  }));
  const rules = watches.flatMap((watch) =>
    watch.rules.map((each) => [each.name, { rule: each, watch }] as const),
  );
  return { ...catalogue, watches, rules: new Map(rules) };
};

/** Lives through a history and then through perfect health until nothing stands, a quarter of an hour at most; tells each step. */
export function live(subject: Subject, acts: readonly Act[], tell: (seen: Seen) => void): void {
  const reality = new Map<number, Sight>();
  const failing = new Set<number>();
  let silences: readonly Silence[] = [];
  let windows: readonly Window[] = [];
  let names: Names = { node: ['a', 'b'] };
  let now: Now = { steady: instant(5e6), wall: instant(BEGIN) };
  let state = noAlerts('maas3', now);
  let { catalogue } = subject;
  let ids = 0;
  let passed = 0;

  const pass = (time: number): void => {
    passed += time;
    now = { steady: instant(now.steady + time * 1000), wall: instant(now.wall + time * 1000) };
  };
  const go = (input: Input, sights: ReadonlyMap<string, Sight> = new Map()): void => {
    const mint = (): string => `episode-${++ids}`;
    const quiets = quietsAt(silences, windows, 'maas3', now.wall);
    const open = windows.filter((window) => inForce(window, now.wall));
    const before = state;
    const outcome = subject.step(before, input, { now, catalogue, mint, quiets });
    state = outcome.state;
    tell({ input, before, outcome, silences, windows: open, names, now, passed, sights });
    passed = 0;
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
    const sights = new Map<string, Sight>();
    passed = Math.max(0, (now.wall - before.wall) / 1000);
    tell({
      input: { is: 'restart' },
      before,
      outcome,
      silences,
      windows,
      names,
      now,
      passed,
      sights,
    });
    passed = 0;
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
  const configure = (next: Names): void => {
    names = next;
    go({ is: 'configured', names });
  };
  const hush = (each: Doing<'silence' | 'plan' | 'lift'>): void => {
    switch (each.do) {
      case 'silence':
        silences = [...silences, silenceOf(each, `s${silences.length}-${++ids}`, state)];
        break;
      case 'plan':
        windows = [...windows, windowOf(each, `w${windows.length}`)];
        break;
      case 'lift':
        [silences, windows] = [[], []];
    }
  };
  const own = ({ which, takes, lasts }: Doing<'own'>): void => {
    const all = Object.keys(state.alerts);
    const fingerprint = all[which % Math.max(1, all.length)] ?? 'none';
    if (!takes) go({ is: 'unacknowledge', fingerprint });
    else {
      const until = lasts !== undefined && { lasts: seconds(lasts) };
      go({ is: 'acknowledge', fingerprint, by: 'ann', via: 'cli', ...until });
    }
  };
  const sit = (minutes: number): void => {
    for (let minute = 0; minute < minutes; minute += 2) {
      pass(120);
      go({ is: 'tick' });
    }
  };
  const doing: { readonly [Name in Act['do']]: (each: Doing<Name>) => void } = {
    rounds: ({ count }) => {
      rounds(count);
    },
    set: ({ thing, to }) => {
      reality.set(thing, to);
    },
    spell,
    fail,
    wait: (each) => {
      pass(each.for);
      go({ is: 'tick' });
    },
    restart: ({ down }) => {
      restart(down);
    },
    jump: ({ by }) => {
      now = { ...now, wall: instant(now.wall + by * 1000) };
    },
    sit: ({ minutes }) => {
      sit(minutes);
    },
    own,
    names: ({ both }) => {
      configure({ node: both ? ['a', 'b'] : ['a'] });
    },
    grade: ({ warning }) => {
      catalogue = graded(subject.catalogue, warning ? 'warning' : 'critical');
    },
    silence: hush,
    plan: hush,
    lift: hush,
  };
  const act = (each: Act): void => {
    (doing[each.do] as (it: Act) => void)(each);
  };
  configure(names);
  acts.forEach(act);
  reality.clear();
  failing.clear();
  hush({ do: 'lift' });
  // A flapping one needs ten minutes of rest and a window of samples.
  for (let round = 0; round < 90 && Object.values(state.alerts).some(isStanding); round++)
    rounds(1);
}
