import type { Labels } from '../../identity.ts';
import type { Explained, Notice } from '../../notice.ts';
import { rfc3339 } from './rfc3339.ts';

/** Intermediaries must carry events up to this size, in octets (CloudEvents 1.0, "Size Limits"). */
export const MOST_OCTETS = 65_536;

/** A notice on its way to another program: a CloudEvent 1.0 without its data's encoding. */
export interface AlertEvent {
  readonly specversion: '1.0';
  /** The delivery: the same for every attempt. Whoever has seen it drops the repetition. */
  readonly id: string;
  /** The monitor's own name, percent-encoded as a URI reference wants it. */
  readonly source: string;
  /** `io.maas-ha-monitor.alert.` and the notice's kind. */
  readonly type: string;
  /** `REGION/RULE` */
  readonly subject: string;
  /** When what is told happened; RFC 3339. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: AlertData;
}

/**
 * What an event says. All times are RFC 3339 in UTC. A receiver must ignore fields that it does not
 * know, and must treat every text as what it is: some of it came from the network.
 */
export interface AlertData {
  /**
   * What happened: `open` begins an episode and `close` ends it, as `retire` does (no longer
   * monitored, which is no recovery). In between: `update`, `reopen` (it is back; the same episode),
   * `fold` and `unfold` (explained by another alert, and no longer), `mute` and `unmute` (silenced),
   * `flapping` and `steady`, `acknowledge` and `unacknowledge`, `remind`, `escalate` (an episode that
   * begins for this receiver: nobody took it elsewhere), `expiring` (its silence ends soon), `test`.
   */
  readonly kind: string;
  /** Why it is told, in a few words. */
  readonly reason: string;
  /** When it happened. */
  readonly at: string;
  readonly region: string;
  /** The alert's name, which is its runbook's name too. */
  readonly rule: string;
  /** `critical`, `warning` or `info`. */
  readonly severity: string;
  /** Which thing it is about: with region and rule, the alert's identity. */
  readonly labels: Labels;
  /** The alert's one sentence. */
  readonly summary: string;
  /**
   * How it stands: `firing`, `acknowledged`, `recovering`, `flapping`, `stale` (cannot be seen at
   * present), `explained`, `silenced`, `resolved`, `retired`.
   */
  readonly standing: string;
  /** One life of the alert: `id` and `startsAt` never change; `endsAt` once it is over. */
  readonly episode: { readonly id: string; readonly startsAt: string; readonly endsAt?: string };
  /** Who takes care of it. */
  readonly owner?: Notice['owner'];
  /** The alert that explains it. */
  readonly root?: Notice['root'];
  /** The alerts that this one explains; they are not told by themselves. */
  readonly explains: readonly Explained[];
  /** What the witnesses said, the most telling first. */
  readonly evidence: readonly string[];
  /** Who holds what at present. */
  readonly holders: readonly string[];
  /** Where the runbook is, its first steps, and (in what begins an episode) all of it as Markdown. */
  readonly runbook?: Notice['runbook'];
  /** A URL. */
  readonly dashboard?: string;
  /** Something that has to be said besides. */
  readonly remark?: string;
  /** Begin and end in one: its begin could not be delivered before it was over. */
  readonly collapsed?: boolean;
  /** Changes that were left out of this one event. */
  readonly relapses?: number;
  /** What was cut off so that the event is not too large. Absent: it is whole. */
  readonly cut?: readonly string[];
}

/** A notice as an event of at most `MOST_OCTETS` in structured JSON: what is too much is cut, and said so. */
export function alertEvent(id: string, notice: Notice, monitor: string): AlertEvent {
  const event: AlertEvent = {
    specversion: '1.0',
    id,
    source: encodeURIComponent(monitor),
    type: `io.maas-ha-monitor.alert.${notice.kind}`,
    subject: `${notice.region}/${notice.rule}`,
    time: rfc3339(notice.at),
    datacontenttype: 'application/json',
    data: dataOf(notice),
  };
  return CUTS.reduce<AlertEvent>(
    (shorter, cut) => (fits(shorter) ? shorter : { ...shorter, data: cut(shorter.data) }),
    event,
  );
}

const dataOf = ({
  at,
  episode: { startsAt, endsAt, ...episode },
  ...notice
}: Notice): AlertData => ({
  ...notice,
  at: rfc3339(at),
  episode: {
    ...episode,
    startsAt: rfc3339(startsAt),
    ...(endsAt !== undefined && { endsAt: rfc3339(endsAt) }),
  },
});

const fits = (event: AlertEvent): boolean =>
  Buffer.byteLength(JSON.stringify(event)) <= MOST_OCTETS;

type Cut = (data: AlertData) => AlertData;

const saying = (data: AlertData, what: string): AlertData => ({
  ...data,
  cut: [...(data.cut ?? []), what],
});

/** The runbook as a whole: half a runbook may lack the step that takes back what the others did. */
const withoutRunbookText: Cut = (data) => {
  if (data.runbook?.text === undefined) return data;
  const { url, steps } = data.runbook;
  const runbook = { steps, ...(url !== undefined && { url }) };
  return saying({ ...data, runbook }, 'the text of the runbook');
};

const shortened =
  (texts: number, entries: number): Cut =>
  (data) =>
    saying(
      // Only texts and lists become shorter: the form stays.
      shorten(data, texts, entries) as AlertData,
      `texts after ${texts} characters, lists after ${entries} entries`,
    );

/** One after the other until it fits; the last one always does. */
const CUTS: readonly Cut[] = [
  withoutRunbookText,
  shortened(2000, 30),
  shortened(200, 10),
  shortened(80, 3),
];

function shorten(value: unknown, texts: number, entries: number): unknown {
  if (typeof value === 'string')
    return value.length > texts ? `${value.slice(0, texts - 1)}…` : value;
  if (Array.isArray(value))
    return value.slice(0, entries).map((each) => shorten(each, texts, entries));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, shorten(inner, texts, entries)]),
  );
}
