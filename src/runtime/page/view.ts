import { createHash } from 'node:crypto';
import type { CheckResult } from '../../core/check.ts';
import { MONITOR } from '../../core/ports/monitor.ts';
import type { Region } from '../../core/region.ts';
import type { Instant } from '../../core/time.ts';
import type { Picture } from '../picture.ts';
import type { Planned } from '../schedule.ts';
import { silencesView, type SilencesView } from '../api-views.ts';
import { incidentsOf, pendingOf, type Incident, type Pending } from './incidents.ts';
import { looksOf, type Look } from './looks.ts';
import type { Strips } from './past.ts';
import { rankOf, worstSign, type Sign } from './signs.ts';
import { timelineOf, type Timeline } from './timeline.ts';
import { channelsOf, type ChannelView } from './told.ts';
import { topologyOf, type Topology } from './topology.ts';
import { verdictOf, type Verdict } from './verdict.ts';

/** What the page is made from. */
export interface PageSources {
  readonly regions: readonly Region[];
  readonly planned: readonly Planned[];
  /** The newest results, as they count at this moment. */
  readonly results: readonly CheckResult[];
  readonly picture: Picture;
  /** How each region was in the last day. */
  readonly past: (region: string) => Strips;
}

/** What is shown of a region wherever it stands in a list. */
export interface RegionLine {
  readonly name: string;
  readonly vip: string;
  readonly sign: Sign;
  readonly verdict: Verdict;
  readonly incidents: readonly Incident[];
}

/** One region whole. */
export interface RegionView extends RegionLine {
  readonly generation: 1 | 2;
  readonly topology: Topology;
  readonly pending: readonly Pending[];
  readonly looks: readonly Look[];
  readonly timeline: Timeline;
}

/** The monitor itself. */
export interface MonitorView {
  readonly sign: Sign;
  readonly incidents: readonly Incident[];
  readonly looks: readonly Look[];
  /** Why what is shown would not survive a restart. */
  readonly trouble?: string;
}

/** All that one page shows, as plain data. */
export interface View {
  readonly now: Instant;
  readonly sign: Sign;
  /** Every region in short, the worst first. */
  readonly lines: readonly RegionLine[];
  /** The region that the page is about; absent: all of them. */
  readonly region?: RegionView;
  readonly monitor: MonitorView;
  readonly channels: readonly ChannelView[];
  readonly silences: SilencesView['silences'];
  readonly windows: SilencesView['windows'];
}

/** The page about one region, or about all of them; undefined: there is no such region. */
export function viewOf(sources: PageSources, wanted: string | undefined): View | undefined {
  const { regions, picture } = sources;
  const [only, ...others] = regions;
  const about =
    wanted === undefined
      ? others.length === 0
        ? only
        : undefined
      : regions.find(({ name }) => name === wanted);
  if (wanted !== undefined && about === undefined) return undefined;
  const all = regions.map((region) => regionView(region, sources, region === about));
  const region = all.find((each): each is RegionView => 'timeline' in each);
  const monitor = monitorView(sources);
  const { silences, windows } = silencesView(picture);
  const shown = region === undefined ? all : [region];
  return {
    now: picture.now,
    sign: worstSign([...shown.map(({ sign }) => sign), monitor.sign]),
    lines: all.map(lineOf).sort((a, b) => rankOf(a.sign) - rankOf(b.sign)),
    ...(region !== undefined && { region }),
    monitor,
    channels: channelsOf(picture, about?.name),
    silences,
    windows,
  };
}

function regionView(region: Region, sources: PageSources, whole: boolean): RegionLine | RegionView {
  const { name, vip, generation } = region;
  const { picture, planned } = sources;
  const results = sources.results.filter((result) => result.region === name);
  const topology = topologyOf(region, results);
  const looks = looksOf(planned, name, results);
  const incidents = incidentsOf(picture, name, results);
  const verdict = verdictOf({ region, results, topology, looks, incidents });
  const line = {
    name,
    vip,
    verdict,
    incidents,
    sign: worstSign([verdict.up.sign, verdict.spare.sign]),
  };
  if (!whole) return line;
  return {
    ...line,
    generation,
    topology,
    looks,
    pending: pendingOf(picture, name),
    timeline: timelineOf(name, picture, incidents, sources.past(name)),
  };
}

const lineOf = ({ name, vip, sign, verdict, incidents }: RegionLine): RegionLine => ({
  name,
  vip,
  sign,
  verdict,
  incidents,
});

function monitorView({ planned, results, picture }: PageSources): MonitorView {
  const own = results.filter(({ region }) => region === MONITOR.name);
  const looks = looksOf(planned, MONITOR.name, own);
  const incidents = incidentsOf(picture, MONITOR.name, own);
  const { trouble } = picture;
  return {
    sign: worstSign([...looks.map(({ sign }) => sign), ...incidents.map(({ sign }) => sign)]),
    looks,
    incidents,
    ...(trouble !== undefined && { trouble }),
  };
}

const hashOf = (value: unknown, without: ReadonlySet<string>): string =>
  createHash('sha256')
    .update(JSON.stringify(value, (key, each: unknown) => (without.has(key) ? undefined : each)))
    .digest('base64url')
    .slice(0, 12);

const CLOCK = new Set(['now', 'left']);
const PASSING = new Set([...CLOCK, 'at', 'looks', 'evidence', 'present', 'timeline']);

/** Changes with everything that the page shows, but the time. */
export const hashOfAll = (view: View): string => hashOf(view, CLOCK);

/** Changes only with what nobody should wait for: states, holders, incidents, and what was told. */
export const hashOfNews = (view: View): string =>
  hashOf(
    [view, [view.region, view.monitor].map((each) => each?.looks.map(({ state }) => state))],
    PASSING,
  );
