import type { Scene } from '../../alerts/incident.ts';
import type { Silence } from '../../alerts/quiet.ts';
import type { Alert } from '../../alerts/state.ts';
import type { Transition } from '../../alerts/transition.ts';
import type { Notice } from '../../alerts/notice.ts';
import type { CheckResult } from '../core/check.ts';
import { overview } from '../core/overview.ts';
import { isoTime } from '../core/time.ts';
import type { Config } from '../config/load.ts';
import type { Region } from '../core/region.ts';
import { MONITOR } from '../core/ports/monitor.ts';
import type { Catalogue } from '../../alerts/catalogue.ts';
import { isGivable } from '../core/runbook-facts.ts';
import { firstSteps } from '../core/runbook-render.ts';
import { readRunbook, RunbookError, runbookText, situationOf } from './runbooks.ts';

/** Where people can look further. */
export interface Links {
  /** The monitor's own HTTP face, as others reach it. */
  readonly publicUrl?: string;
  readonly dashboardUrl?: string;
}

/** Where people can look: a face that only this host can reach is no link. */
export function linksOf({ listen, alerting }: Config): Links {
  const own =
    'host' in listen && !/^(127\.|0\.0\.0\.0)/.test(listen.host)
      ? `http://${listen.host}:${listen.port}`
      : undefined;
  const publicUrl = alerting?.publicUrl ?? own;
  return {
    ...(publicUrl !== undefined && { publicUrl }),
    ...(alerting?.dashboardUrl !== undefined && { dashboardUrl: alerting.dashboardUrl }),
  };
}

/** Who hid it, until when and why. */
export function remarkOf(
  { kind }: Transition,
  alert: Alert | undefined,
  silences: readonly Silence[],
): string | undefined {
  if (kind !== 'mute' && kind !== 'expiring') return undefined;
  const id = alert !== undefined && 'id' in alert.visibility ? alert.visibility.id : undefined;
  const silence = silences.find((each) => each.id === id);
  return silence && `silenced by ${silence.by} until ${isoTime(silence.until)}: ${silence.reason}`;
}

const MOST_EVIDENCE = 5;
/** What is attached may be no longer than this. */
const LONGEST_RUNBOOK = 60_000;

/** What surrounds the alerts of one region, drawn from its newest results when it is asked for. */
export function sceneOf(
  region: Region,
  results: () => readonly CheckResult[],
  catalogue: Catalogue,
  links: Links,
  remark: Scene['remark'],
): Scene {
  const own = () => results().filter((result) => result.region === region.name);
  return {
    evidence: (alert) => evidenceFor(alert, own(), catalogue),
    get holders() {
      if (region.name === MONITOR.name) return [];
      return overview(region, own()).map(({ topic, says }) => `${topic}: ${says}`);
    },
    runbook: (alert, whole) => runbookFor(alert, region, own(), links, whole),
    ...(links.dashboardUrl !== undefined && { dashboard: links.dashboardUrl }),
    remark,
  };
}

/** What its own check says: first about the thing itself, then the rest. */
export function evidenceFor(
  alert: Alert,
  results: readonly CheckResult[],
  { rules }: Catalogue,
): readonly string[] {
  const check = rules.get(alert.rule)?.watch.check;
  const names = new Set(Object.values(alert.labels));
  const found = results
    .filter((result) => result.check === check)
    .flatMap(({ evidence, gaps }) => [
      ...evidence.map(({ subject, says }) => ({ subject, says })),
      ...gaps.map(({ subject, failure }) => ({ subject, says: failure.message })),
    ]);
  return [
    ...found.filter(({ subject }) => names.has(subject)),
    ...found.filter(({ subject }) => !names.has(subject)),
  ]
    .slice(0, MOST_EVIDENCE)
    .map(({ subject, says }) => `${subject}: ${says}`);
}

/** A runbook that cannot be rendered must not keep the message from going out. */
function runbookFor(
  { rule, labels }: Alert,
  region: Region,
  results: readonly CheckResult[],
  { publicUrl }: Links,
  whole: boolean,
): Notice['runbook'] {
  const query = new URLSearchParams({ region: region.name, ...labels });
  const url = publicUrl && `${publicUrl}/runbooks/${rule}?${query.toString()}`;
  try {
    const runbook = readRunbook(rule);
    const situation = situationOf(rule, region, results, givable(labels, region));
    return {
      ...(url !== undefined && { url }),
      steps: firstSteps(runbook, situation),
      ...(whole && { text: runbookText(runbook, situation).slice(0, LONGEST_RUNBOOK) }),
    };
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error;
    return { ...(url !== undefined && { url }), steps: [] };
  }
}

/** Of an alert's labels those that a runbook may be told of. */
const givable = (labels: Alert['labels'], region: Region): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(labels).filter(([name, value]) => isGivable(name, value, region)),
  );
