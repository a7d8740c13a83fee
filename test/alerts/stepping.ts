import type { Catalogue } from '../../alerts/catalogue.ts';
import { step, type Input } from '../../alerts/lifecycle.ts';
import { noAlerts, resume, type Alert, type Alerts } from '../../alerts/state.ts';
import type { Transition } from '../../alerts/transition.ts';
import type { Quiet } from '../../alerts/visibility.ts';
import { instant } from '../../src/core/time.ts';
import { CATALOGUE, DATABASE, DOUBLE, failed, ISOLATED, NODE, result, VIP } from './house.ts';

export const BEGIN = 1_000_000;

/** A region whose alerts are stepped by hand; `said` are all transitions so far, as `kind rule`. */
export function region(catalogue: Catalogue = CATALOGUE) {
  let now = { steady: instant(BEGIN), wall: instant(BEGIN) };
  let state: Alerts = noAlerts('maas3', now);
  let ids = 0;
  let quiets: readonly Quiet[] = [];
  const all: Transition[] = [];
  let inUse = catalogue;
  const feed = (input: Input, used = inUse): void => {
    const mint = (): string => `e${++ids}`;
    const outcome = step(state, input, { now, catalogue: used, mint, quiets });
    state = outcome.state;
    all.push(...outcome.transitions);
  };
  const wait = (time: number, wall = time): void => {
    now = { steady: instant(now.steady + time * 1000), wall: instant(now.wall + wall * 1000) };
  };
  type Sights = Parameters<typeof result>[1];
  return {
    all,
    feed,
    wait,
    /** Ten seconds later a check sees this. */
    see: (check: string, ...sights: Sights): void => {
      wait(10);
      feed({ is: 'round', result: result(check, sights) });
    },
    fail: (check: string): void => {
      wait(10);
      feed({ is: 'round', result: failed(check) });
    },
    silence: (...next: readonly Quiet[]): void => {
      quiets = next;
    },
    /** From now on these rules hold. */
    use: (next: Catalogue): void => {
      inUse = next;
    },
    change: (how: (before: Alerts) => Alerts): void => {
      state = how(state);
    },
    state: (): Alerts => state,
    now: () => now,
    restart: (down = 0): void => {
      now = { steady: instant(7), wall: instant(now.wall + down * 1000) };
      state = resume(JSON.parse(JSON.stringify(state)) as Alerts, now);
    },
    said: (): readonly string[] => all.map(({ kind, rule }) => `${kind} ${rule.slice(6)}`),
    last: (): Transition | undefined => all.at(-1),
    alert: (rule: string): Alert | undefined =>
      Object.values(state.alerts).find((alert) => alert.rule === `MaasHa${rule}`),
  };
}

export const isolated = (value: number) => ({ rule: ISOLATED, value });
export const vip = (value: number) => ({ rule: VIP, value });
export const node = (value: number) => ({ rule: NODE, node: 'a', value });
export const database = (value: number) => ({ rule: DATABASE, node: 'a', value });
export const double = (value: number) => ({ rule: DOUBLE, value });

export type Test = ReturnType<typeof region>;
export const down = (test: Test): void => {
  test.see('net', vip(1));
  test.see('net', vip(1));
};
export const up = (test: Test, rounds = 8): void => {
  for (let round = 0; round < rounds; round++) test.see('net', vip(0));
};
