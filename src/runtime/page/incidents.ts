import { explainedBy, gravityOf } from '../../../alerts/explained.ts';
import { shownOf } from '../../../alerts/incident.ts';
import { shortId, type Shown } from '../../../alerts/notice.ts';
import { subjectOf, titleOf } from '../../../alerts/render/words.ts';
import { isStanding, type Alert, type Alerts, type Standing } from '../../../alerts/state.ts';
import type { CheckResult } from '../../core/check.ts';
import type { Severity } from '../../core/rule.ts';
import type { Instant } from '../../core/time.ts';
import type { Picture } from '../picture.ts';
import { evidenceFor } from '../scene.ts';
import { presentOf, toldOn, wallOf } from '../why.ts';
import { rankOf, SIGN_OF_SEVERITY, type Sign } from './signs.ts';

/** How one channel was told. */
export interface Told {
  readonly channel: string;
  /** `good`: it was sent; `bad`: it was not, and should have been; `none`: it need not be. */
  readonly sign: Sign;
  readonly says: string;
}

/** An alert that goes on, in short. */
export interface Short {
  readonly rule: string;
  readonly title: string;
  readonly subject: string;
  readonly severity: Severity;
  readonly summary: string;
}

/** A root, with all that it explains. */
export interface Incident extends Short {
  readonly id: string;
  readonly region: string;
  /** As grave as the gravest of it. */
  readonly sign: Sign;
  readonly shown: Shown;
  readonly since: Instant;
  /** How it stands and what hides it, as a sentence. */
  readonly present: string;
  /** Who takes care of it; absent: nobody has said so. */
  readonly owner?: string;
  /** People are not told of it at present, on purpose. */
  readonly hidden: boolean;
  readonly evidence: readonly string[];
  readonly explains: readonly Short[];
  /** Path of its runbook, filled in for this site. */
  readonly runbook: string;
  readonly told: readonly Told[];
}

/** What was seen and may become an incident. */
export interface Pending extends Short {
  readonly since: Instant;
}

/** The incidents that go on in one region, the gravest and then the oldest first. */
export const incidentsOf = (
  picture: Picture,
  region: string,
  results: readonly CheckResult[],
): readonly Incident[] =>
  statesOf(picture, region)
    .flatMap((state) =>
      Object.values(state.alerts)
        .filter(isStanding)
        .filter((alert) => !isExplained(alert, state))
        .map((alert) => incidentOf(alert, state, picture, results)),
    )
    .sort((a, b) => rankOf(a.sign) - rankOf(b.sign) || a.since - b.since);

export const pendingOf = (picture: Picture, region: string): readonly Pending[] =>
  statesOf(picture, region).flatMap((state) =>
    Object.values(state.alerts).flatMap((alert) =>
      alert.condition.is === 'pending'
        ? [{ ...inShort(alert), since: wallOf(state, alert.condition.since) }]
        : [],
    ),
  );

const statesOf = ({ states }: Picture, region: string): readonly Alerts[] =>
  states.filter((state) => state.region === region);

/** Explained by something that still stands: then it is shown there, and nowhere else. */
function isExplained({ visibility }: Standing, { alerts }: Alerts): boolean {
  if (visibility.is !== 'folded') return false;
  const { episode } = visibility.into;
  return Object.values(alerts).some((other) => isStanding(other) && other.episode.id === episode);
}

const inShort = ({ rule, labels, severity, summary }: Alert): Short => ({
  rule,
  title: titleOf(rule),
  subject: subjectOf(labels),
  severity,
  summary,
});

function incidentOf(
  alert: Standing,
  state: Alerts,
  picture: Picture,
  results: readonly CheckResult[],
): Incident {
  const { rule, labels, episode, ownership, visibility } = alert;
  const explains = explainedBy(state, episode.id);
  const query = new URLSearchParams({ region: state.region, ...labels });
  return {
    ...inShort(alert),
    id: shortId(episode.id),
    region: state.region,
    sign: SIGN_OF_SEVERITY[gravityOf(alert, explains)],
    shown: shownOf(alert),
    since: episode.startsAt,
    present: presentOf(alert, state, picture),
    ...(ownership.is === 'acked' && { owner: `${ownership.by} (${ownership.via})` }),
    hidden: visibility.is === 'silenced' || visibility.is === 'maintenance',
    evidence: picture.catalogue === undefined ? [] : evidenceFor(alert, results, picture.catalogue),
    explains: explains.map(inShort),
    runbook: `/runbooks/${encodeURIComponent(rule)}?${query.toString()}`,
    told: picture.outlets.map((outlet) => ({
      channel: outlet.name,
      sign: toldSign(alert, outlet.name, picture),
      says: toldOn(alert, state, outlet, picture),
    })),
  };
}

/** How far the newest message about it to this channel came. */
function toldSign({ episode }: Standing, channel: string, { deliveries }: Picture): Sign {
  const newest = deliveries
    .filter((each) => each.episode === episode.id && each.channel === channel)
    .filter(({ stage }) => stage !== 'superseded')
    .reduce<(typeof deliveries)[number] | undefined>(
      (a, b) => (a === undefined || b.seq > a.seq ? b : a),
      undefined,
    );
  if (newest === undefined) return 'none';
  if (newest.stage === 'sent') return 'good';
  if (newest.stage === 'dead' || newest.trouble !== undefined) return 'bad';
  return newest.stage === 'doubtful' ? 'warning' : 'none';
}
