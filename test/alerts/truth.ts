import type { Silence } from '../../alerts/quiet.ts';
import { isStanding, type Alerts, type Names, type Standing } from '../../alerts/state.ts';
import type { Rule } from '../../src/core/rule.ts';
import { CATALOGUE } from './house.ts';
import type { Seen } from './history.ts';

/* What ought to be, written down by hand, without a look at the code. */

interface Thing {
  readonly rule: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly episode?: { readonly id: string } | undefined;
}

export const standing = ({ alerts }: Alerts): readonly Standing[] =>
  Object.values(alerts).filter(isStanding);

const GRAVE = ['MaasHaDouble', 'MaasHaMonitorIsolated'];

/** Whether this explains an alert about the given node. */
type Because = (
  stands: (rule: string, node?: string) => boolean,
  node: string,
  names: Names,
) => boolean;

const CAUSES: Readonly<Record<string, Because>> = {
  MaasHaDatabase: (stands, node) => stands('MaasHaNode', node),
  MaasHaLag: (stands, node) => stands('MaasHaDatabase', node) || stands('MaasHaNode', node),
  MaasHaOdd: (stands) => stands('MaasHaVip'),
  MaasHaQuorum: (stands, _, { node: all = [] }) => all.every((name) => stands('MaasHaNode', name)),
  MaasHaRoute: (stands, node) => stands('MaasHaVip') && stands('MaasHaDatabase', node),
};

/** Whether something that stands explains this. */
export function isExplained(thing: Thing, now: readonly Thing[], names: Names): boolean {
  const stands = (rule: string, node?: string): boolean =>
    now.some((other) => other.rule === rule && other.labels['node'] === node);
  if (thing.rule === 'MaasHaMonitorIsolated') return false;
  if (stands('MaasHaMonitorIsolated')) return true;
  return CAUSES[thing.rule]?.(stands, thing.labels['node'] ?? '', names) === true;
}

type Scope = Pick<Silence, 'rule' | 'labels' | 'episode'>;

const isAbout = ({ rule, labels = {}, episode }: Scope, thing: Thing): boolean =>
  [undefined, thing.rule].includes(rule) &&
  [undefined, thing.episode?.id].includes(episode) &&
  (labels['node'] === undefined || labels['node'] === thing.labels['node']) &&
  (rule !== undefined || episode !== undefined || !GRAVE.includes(thing.rule));

/** The silences in force that are about this, that which ends last first. */
export const silencesOf = (thing: Thing, { silences, now }: Seen): readonly Silence[] =>
  silences
    .filter((silence) => now.wall < silence.until && isAbout(silence, thing))
    .sort((a, b) => b.until - a.until);

/** Whether maintenance of this is going on. */
export const isMaintained = (thing: Thing, { windows }: Seen): boolean =>
  windows
    .flatMap(({ rules, labels = {} }) =>
      rules === undefined ? [{ labels }] : rules.map((rule) => ({ rule, labels })),
    )
    .some((each) => isAbout(each, thing));

export const isQuiet = (thing: Thing, seen: Seen): boolean =>
  isMaintained(thing, seen) || silencesOf(thing, seen).length > 0;

export const ruleNamed = (name: string): Rule => {
  const found = CATALOGUE.rules.get(name);
  if (found === undefined) throw new Error(`no rule ${name}`);
  return found.rule;
};
