import type { Rule } from '../src/core/rule.ts';
import { seconds } from '../src/core/time.ts';
import type { Catalogue } from './catalogue.ts';
import { ended, type Moved } from './ending.ts';
import { startAnew } from './followup.ts';
import { identityLabels, type Labels } from './identity.ts';
import { pruned } from './stability.ts';
import { isStanding, type Alert, type Alerts, type Names, type Now } from './state.ts';
import { staleAfter } from './timers.ts';
import type { Said } from './transition.ts';

export type { Names } from './state.ts';

/** What passing time alone does to an alert; nothing is left of one that has no past worth keeping. */
export function aged(alert: Alert, { age }: Alerts, catalogue: Catalogue): Moved | undefined {
  const kept = forgotten(alert, age, catalogue);
  if (kept === undefined) return undefined;
  const saids: Said[] = [];
  let { knowledge } = kept;
  const lost = ranOut(kept, age);
  if (lost) saids.push({ kind: 'unacknowledge', reason: 'acknowledgement ran out' });
  const watch = catalogue.rules.get(kept.rule)?.watch;
  const old = watch !== undefined && age - knowledge.at > staleAfter(watch);
  if (old && knowledge.is === 'fresh') {
    knowledge = { ...knowledge, is: 'stale' };
    if (isStanding(kept)) saids.push({ kind: 'stale', reason: 'not seen for too long' });
  }
  const owned: Alert = lost ? { ...startAnew(kept), ownership: { is: 'unacked' } } : kept;
  return { alert: { ...owned, knowledge }, said: saids };
}

const ranOut = ({ ownership }: Alert, age: Alerts['age']): boolean =>
  ownership.is === 'acked' && ownership.until !== undefined && ownership.until <= age;

/** Without an episode that is over for good; nothing when no flapping could be told from the rest. */
function forgotten(alert: Alert, age: Alerts['age'], { timers }: Catalogue): Alert | undefined {
  const { condition, episode, ...rest } = alert;
  const stability = pruned(alert.stability, age, timers);
  const keep = Math.max(timers.retention, timers.patience[alert.severity].reopenWindow);
  if (condition.is === 'resolved' && age - condition.at > keep)
    return { ...rest, condition: { is: 'inactive' }, stability };
  if (
    condition.is === 'inactive' &&
    !stability.samples.includes('1') &&
    stability.starts.length === 0
  )
    return undefined;
  return { ...rest, condition, stability, ...(episode !== undefined && { episode }) };
}

/**
 * Why an alert is watched no longer; undefined while it is. Never to be confused with a recovery.
 */
export function retirement(alert: Alert, names: Names, { rules }: Catalogue): Said | undefined {
  const known = rules.get(alert.rule);
  if (known === undefined) return { kind: 'retire', reason: 'rule no longer configured' };
  return leftOut(alert.labels, names) || isRelabelled(alert.labels, known.rule)
    ? { kind: 'retire', reason: 'what it is about is no longer configured' }
    : undefined;
}

const leftOut = (labels: Labels, names: Names): boolean =>
  Object.entries(labels).some(([label, value]) => names[label]?.includes(value) === false);

/** A newer version of the rule tells its alerts apart by other labels: this one can never be seen again. */
const isRelabelled = (labels: Labels, rule: Rule): boolean =>
  Object.keys(labels).sort().join() !== [...identityLabels(rule)].sort().join();

/** The last that is heard of an alert that is watched no longer. */
export const retired = (alert: Alert, why: Said, { age }: Alerts, { wall }: Now): Moved =>
  isStanding(alert) ? ended(alert, { wall, age: seconds(age) }, why) : { alert, said: [] };
