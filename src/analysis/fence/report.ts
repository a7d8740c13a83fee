import { z } from 'zod';
import { CheckFailure, toFailure } from '../../core/failure.ts';
import { describeSource, type Fact } from '../../core/ports/facts.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { Region } from '../../core/region.ts';
import { seconds, type Instant, type Seconds } from '../../core/time.ts';
import { fenceOpen } from './metrics.ts';

/* What a node says of its own fence: the result of this very check, run there with --emit. */

const READ = { timeout: seconds(3), maxBytes: 65_536 };

/** Clocks differ by less than this, or one is wrong. */
const SKEW = seconds(60);

/** A node's own word. */
export interface Report {
  readonly age: Seconds;
  /** `active`: it held the virtual address, and had nothing to try. Undefined: it could not tell. */
  readonly fence: 'open' | 'closed' | 'active' | undefined;
  /** Why it could not tell. */
  readonly says: string;
}

export interface ReportLook {
  readonly node: string;
  /** `none`: the configuration names no source. `absent`: there is nothing there. */
  readonly found: Report | CheckFailure | 'none' | 'absent';
  /** In words. */
  readonly source: string;
}

const labelled = { metric: z.string(), labels: z.record(z.string(), z.string()) };
const REPORT = z.object({
  check: z.literal('fencing'),
  region: z.string(),
  startedAt: z.coerce.date(),
  observations: z.array(z.object({ ...labelled, value: z.number() })).max(1000),
  inapplicable: z.array(z.object(labelled)).max(1000).default([]),
  gaps: z
    .array(z.object({ message: z.string().max(2000) }))
    .max(1000)
    .default([]),
});

export async function lookAtReport(
  { fencing, name: region }: Region,
  node: string,
  io: Ports,
  now: Instant,
): Promise<ReportLook> {
  const source = fencing?.reports[node];
  if (source === undefined) return { node, found: 'none', source: '' };
  const words = describeSource(source);
  try {
    const fact = await io.facts.read(source, region, READ);
    const found = fact === undefined ? 'absent' : readReport(fact, { node, region }, now);
    return { node, found, source: words };
  } catch (error) {
    return { node, found: toFailure(error), source: words };
  }
}

/** @throws CheckFailure `protocol` for what is no report, `config` for one that is about something else. */
export function readReport(
  { text, at }: Fact,
  { node, region }: { readonly node: string; readonly region: string },
  now: Instant,
): Report {
  const parsed = REPORT.safeParse(json(text));
  if (!parsed.success)
    throw new CheckFailure('protocol', 'no report of `maasha check fencing --emit` (JSON)');
  const { data } = parsed;
  const nodes = [...data.observations, ...data.inapplicable]
    .filter(({ metric }) => metric === fenceOpen.name)
    .map(({ labels }) => labels['node']);
  if (data.region !== region || nodes.some((each) => each !== node))
    throw new CheckFailure(
      'config',
      `it is about ${nodes[0] ?? 'no node'} of ${data.region}, and was to be about ${node} of ${region}`,
    );
  // By the clock that is not the node's, where it is known when it came.
  const made = at ?? data.startedAt.getTime() / 1000;
  const age = seconds(Math.max(0, now / 1000 - made));
  if (made - now / 1000 > SKEW)
    throw new CheckFailure(
      'protocol',
      'it was made in the future: a clock is wrong, there or here',
    );
  return {
    age,
    fence: fenceIn(data),
    says: data.gaps[0]?.message ?? 'it says nothing of its fence',
  };
}

function fenceIn({ observations, inapplicable }: z.infer<typeof REPORT>): Report['fence'] {
  const isOfFence = ({ metric }: { readonly metric: string }): boolean => metric === fenceOpen.name;
  const sample = observations.find(isOfFence);
  if (sample !== undefined) return sample.value === 1 ? 'open' : 'closed';
  return inapplicable.some(isOfFence) ? 'active' : undefined;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
