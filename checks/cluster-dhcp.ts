import { lookOn, parseLegs, type Legs, type Look } from '../src/analysis/dhcp/ask.ts';
import { notesOnSegment } from '../src/analysis/dhcp/notes.ts';
import * as metrics from '../src/analysis/dhcp/rules.ts';
import { defineCheck, gap, remember, skip, type CheckContext } from '../src/core/check.ts';
import { CheckFailure, toFailure } from '../src/core/failure.ts';
import { slavesOf, type Region, type Segment } from '../src/core/region.ts';
import { seconds } from '../src/core/time.ts';

export default defineCheck<Legs>({
  name: 'cluster-dhcp',
  about:
    'Asks on the segments of clusters what DHCP hands out there: whether their servers answer, name all DNS servers, and are alone.',
  every: '1m',
  timeout: seconds(8),
  absence: (region) =>
    segmentsOf(region).length === 0
      ? 'the monitor has no leg on a segment of a cluster (`segment` of a cluster)'
      : undefined,
  metrics: [metrics.answers, metrics.dnsMissing, metrics.strangers],
  rules: metrics.rules,
  async run(region, context) {
    const segments = segmentsOf(region);
    if (segments.length === 0) return [skip('dhcp', 'config', 'no cluster has a `segment`')];
    const before = parseLegs(context.memory);
    // Two clusters may serve one segment: it is asked once.
    const legs = [...new Set(segments.map(({ segment }) => segment.interface))];
    const looks = await Promise.all(
      legs.map(async (name) => {
        const known = serversOn(name, segments);
        return [name, known, await tryLook(name, known, before, context)] as const;
      }),
    );
    return [
      ...looks.flatMap(([name, known, look]) =>
        segments
          .filter(({ segment }) => segment.interface === name)
          .flatMap(({ cluster, segment: { servers, dns = slaves(region) } }) =>
            look instanceof CheckFailure
              ? [gap(cluster, look)]
              : notesOnSegment({ cluster, servers, known, dns }, look),
          ),
      ),
      remember(
        Object.fromEntries(
          looks.map(([name, , look]) => [
            name,
            look instanceof CheckFailure ? (before[name] ?? {}) : look.remembered,
          ]),
        ),
      ),
    ];
  },
});

interface Served {
  readonly cluster: string;
  readonly segment: Segment;
}

const segmentsOf = ({ clusters }: Region): readonly Served[] =>
  clusters.flatMap(({ name, segment }) =>
    segment === undefined ? [] : [{ cluster: name, segment }],
  );

const serversOn = (leg: string, segments: readonly Served[]): readonly string[] =>
  segments.flatMap(({ segment }) => (segment.interface === leg ? segment.servers : []));

const slaves = (region: Region): readonly string[] =>
  slavesOf(region).map(({ address }) => address);

async function tryLook(
  name: string,
  known: readonly string[],
  before: Legs,
  context: CheckContext<Legs>,
): Promise<Look | CheckFailure> {
  try {
    return await lookOn(name, known, before[name] ?? {}, context);
  } catch (error) {
    return toFailure(error);
  }
}
