import fc from 'fast-check';
import { WATCHES } from './house.ts';

export type Sight = 'good' | 'bad' | 'missing';

export const THINGS = WATCHES.flatMap(({ check, rules }) =>
  rules.flatMap((rule) =>
    (rule.metric.labels.length > 0 ? ['a', 'b'] : [undefined]).map((node) => ({
      check,
      rule,
      ...(node !== undefined && { node }),
    })),
  ),
);

/** What a silence or a window is about. */
interface Scope {
  readonly rule: string | undefined;
  readonly node: string | undefined;
}

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
  /** Minutes in which nothing is looked at. */
  | { readonly do: 'sit'; readonly minutes: number }
  | ({ readonly do: 'silence'; readonly length: number; readonly first: boolean } & Scope)
  | ({ readonly do: 'plan'; readonly at: string; readonly zone: string } & Scope)
  /** Every silence and every window is taken back. */
  | { readonly do: 'lift' }
  | {
      readonly do: 'own';
      readonly which: number;
      readonly takes: boolean;
      readonly lasts: number | undefined;
    }
  /** The rule on the virtual address is made a warning, or critical again. */
  | { readonly do: 'grade'; readonly warning: boolean }
  | { readonly do: 'names'; readonly both: boolean };

export type Doing<Name extends Act['do']> = Extract<Act, { do: Name }>;

const sight = fc.constantFrom<Sight>('good', 'bad', 'bad', 'missing');

const scope = {
  rule: fc.constantFrom(undefined, 'MaasHaVip', 'MaasHaNode', 'MaasHaDatabase', 'MaasHaDouble'),
  node: fc.constantFrom(undefined, undefined, 'a'),
};

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
          fc.oneof(fc.constantFrom(1, 2), fc.integer({ min: 1, max: 16 })),
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
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('sit'), minutes: fc.integer({ min: 1, max: 80 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('silence'),
        length: fc.integer({ min: 30, max: 7200 }),
        first: fc.constantFrom(false, false, true),
        ...scope,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('plan'),
        at: fc.constantFrom('01:45', '02:30', '03:15', '22:00'),
        zone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
        ...scope,
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('lift') }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('own'),
        which: fc.nat(9),
        takes: fc.constantFrom(true, true, false),
        lasts: fc.constantFrom(undefined, 300, 1800),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('grade'), warning: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('names'), both: fc.boolean() }) },
  ),
  { minLength: 4, maxLength: 24 },
);
