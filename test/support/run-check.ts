import type { Check, CheckContext, Evidence, Gap, Note, Skip } from '../../src/core/check.ts';
import type { Observation } from '../../src/core/metric.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import type { Region } from '../../src/core/region.ts';
import { judge } from '../../src/core/rule.ts';
import { FakeClock } from './clock.ts';

export interface Ran {
  readonly notes: readonly Note[];
  /** `metric_name{label="value"}` → value. */
  readonly values: Readonly<Record<string, number>>;
  /** What does not exist, as series; those labels that are left open are not in it. */
  readonly inapplicable: readonly string[];
  readonly alerts: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly gaps: readonly Gap[];
  readonly skips: readonly Skip[];
  readonly memory: unknown;
}

const series = ({ metric, labels }: Pick<Observation, 'metric' | 'labels'>): string =>
  `${metric.name}{${Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(',')}}`;

/** Calls a check's own function, without the spine, and sorts what it says. */
export async function runCheck(
  check: Check,
  region: Region,
  ports: Ports,
  context: Partial<CheckContext> = {},
): Promise<Ran> {
  const notes = await check.run(region, {
    io: ports,
    clock: new FakeClock(),
    signal: new AbortController().signal,
    memory: undefined,
    once: false,
    needs: {},
    ...context,
  });
  const observations = notes.filter((note) => note.kind === 'observation');
  return {
    notes,
    values: Object.fromEntries(observations.map((each) => [series(each), each.value])),
    inapplicable: notes.filter((note) => note.kind === 'inapplicable').map(series),
    alerts: judge(check.rules, observations).map(
      ({ rule, labels }) =>
        `${rule}${Object.keys(labels).length === 0 ? '' : ` ${Object.values(labels).join(' ')}`}`,
    ),
    evidence: notes.filter((note) => note.kind === 'evidence'),
    gaps: notes.filter((note) => note.kind === 'gap'),
    skips: notes.filter((note) => note.kind === 'skip'),
    memory: notes.findLast((note) => note.kind === 'memory')?.value,
  };
}
