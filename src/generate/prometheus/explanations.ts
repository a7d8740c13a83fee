import { buildCauses, type Cause } from '../../../alerts/causes.ts';
import { isGraver } from '../../../alerts/explained.ts';
import type { Labels } from '../../../alerts/identity.ts';
import { DEFAULT_TIMERS } from '../../../alerts/timers.ts';
import type { Rule } from '../../core/rule.ts';

/*
 * What explains what, as far as Alertmanager can be told of it: an alert that stands keeps another one of
 * its region quiet. It is the closure that the service itself explains by, with one difference. The service
 * tells an incident as gravely as the gravest alert in it; Alertmanager cannot, so there a warning never
 * hides a critical alert. What is mere information hides anything, as it does in the service.
 */

/** That one alert keeps another one quiet. */
export interface Explanation {
  readonly target: Rule;
  readonly cause: Rule;
  /** Joins the target's label to the one of the cause that must equal it, besides `region`. */
  readonly on: Labels;
  /** Only targets with these label values. */
  readonly only: Labels;
  /** Only causes with these label values. */
  readonly where: Labels;
  /** Also while the cause only may become true: it needs longer than its target to be sure. */
  readonly alsoPending: boolean;
}

/** @throws Error for causes that have to be several at once. @throws CauseError for contradictions. */
export function explanationsOf(rules: readonly Rule[]): readonly Explanation[] {
  const byName = new Map<string, Rule>(rules.map((rule) => [rule.name, rule]));
  // One that is switched off explains nothing, and is no mistake.
  const known = rules.map((rule) => ({
    ...rule,
    inhibitedBy: (rule.inhibitedBy ?? []).filter(({ alert }) => byName.has(alert)),
  }));
  const causes = buildCauses(known);
  return rules.flatMap((target) =>
    (causes[target.name] ?? []).flatMap((cause) => {
      const root = byName.get(cause.alert);
      return root === undefined || hidesTooMuch(root, target)
        ? []
        : [explanation(target, root, cause)];
    }),
  );
}

const hidesTooMuch = (cause: Rule, target: Rule): boolean =>
  cause.severity !== 'info' && isGraver(target.severity, cause.severity);

function explanation(
  target: Rule,
  cause: Rule,
  { on, only, where, every, and }: Cause,
): Explanation {
  if (every !== undefined || and !== undefined)
    throw new Error(
      `${target.name}: ${cause.name} explains it only together with others (${every === undefined ? 'and' : 'every'}), which Alertmanager cannot be told; expected single causes in inhibitedBy`,
    );
  return {
    target,
    cause,
    on,
    only: only ?? {},
    where: where ?? {},
    alsoPending: mayComeLate(cause, target),
  };
}

/**
 * Whether the target has to be held back for a cause that waits longer than itself. The service holds it
 * back for so long at most; where a second look is wanted at once, nobody waits.
 */
function mayComeLate(cause: Rule, target: Rule): boolean {
  const later = cause.for - target.for;
  const { holdAtMost } = DEFAULT_TIMERS.patience[target.severity];
  return target.confirm !== true && later > 0 && later <= holdAtMost;
}
