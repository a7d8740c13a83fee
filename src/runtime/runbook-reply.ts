import type { Check, CheckResult } from '../core/check.ts';
import { MONITOR } from '../core/ports/monitor.ts';
import type { Region } from '../core/region.ts';
import { targetsOfRule } from './plan.ts';
import { chosen } from './probe-routes.ts';
import { readRunbook, RunbookError, runbookText, situationOf } from './runbooks.ts';
import { text, type Reply, type Request } from './server.ts';

/** What a runbook is filled in from. */
interface Known {
  readonly checks: readonly Check[];
  readonly regions: readonly Region[];
  readonly results: readonly CheckResult[];
}

/** One runbook, for a region and its newest results; further parameters are facts that somebody found out. */
export function runbookReply({ path, query }: Request, { checks, regions, results }: Known): Reply {
  // What Prometheus alone says may be about the monitor instead of a region.
  const targets = (rule: string, named?: string): readonly Region[] =>
    named === MONITOR.name && !checks.some(({ rules }) => rules.some(({ name }) => name === rule))
      ? [MONITOR]
      : targetsOfRule(rule, checks, regions);
  const { region: wanted, ...given } = Object.fromEntries(query);
  const alert = path.replace('/runbooks/', '');
  // The dashboards' links say which region is chosen there; `.*` is Grafana's “All”.
  const region = chosen(wanted === '.*' ? undefined : wanted, targets(alert, wanted));
  try {
    const runbook = readRunbook(alert);
    const situation = situationOf(runbook.alert, region, results, given);
    return text(200, runbookText(runbook, situation));
  } catch (error) {
    if (error instanceof RunbookError) return text(404, error.message);
    throw error;
  }
}
