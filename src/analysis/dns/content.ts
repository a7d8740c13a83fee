import { z } from 'zod';
import { evidence, gap, skip, type Note } from '../../core/check.ts';
import { CheckFailure, isSilence, toFailure, type FailureCode } from '../../core/failure.ts';
import { gauge, observe } from '../../core/metric.ts';
import type { ZoneTransfer } from '../../core/ports/dns.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { Rule } from '../../core/rule.ts';
import { between, seconds, type Clock } from '../../core/time.ts';
import { MASTER, type Place } from './servers.ts';
import { enumerate } from './zone.ts';

/*
 * Whole zones: the same serial must mean the same content. A slave takes nothing over while the serial
 * stands still, so a master whose content changed without it leaves the slaves with the old one for good.
 */

export const differs = gauge({
  name: 'maasha_dns_zone_content_differs',
  help: 'Whether this server has other records in the zone than the master has, or (server vip) than the master had before, under the same serial (1) or not (0).',
  labels: ['zone', 'server'],
});

export const zonesDiffering = gauge({
  name: 'maasha_dns_zones_content_differing',
  help: 'Zones of which servers give different records under the same serial, or the master other records than before; of those that could be compared.',
  labels: [],
});

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaDnsZoneContentDiffers',
    severity: 'warning',
    // One fault, such as a node with other zone files, mostly concerns several zones and servers.
    metric: zonesDiffering,
    when: { above: 0 },
    // A zone file that is being read may be caught between two versions once.
    for: seconds(60),
    inhibitedBy: [{ alert: 'MaasHaDnsMasterRegressed' }],
    summary:
      '{value} zones have different records under the same serial: slaves never learn of the change',
  },
];

/** By zone: the version of the master that was seen first with this serial. */
export const memorySchema = z.record(
  z.string(),
  z.object({
    serial: z.int().min(0).max(0xffff_ffff),
    digest: z.string(),
    records: z.int().nonnegative(),
  }),
);
type Memory = z.infer<typeof memorySchema>;

/** One zone may take so long, and all zones of one server together. */
const EACH = { timeout: seconds(5) };
const TOGETHER = seconds(20);

/** What one server gave of each zone that it was asked for. */
export interface Given {
  readonly name: string;
  readonly zones: ReadonlyMap<string, ZoneTransfer | CheckFailure>;
}

/**
 * Transfers zone after zone, never two at once from one server: it has work to do. One that refuses, or
 * is silent, is not asked for the others.
 */
export async function transferAll(
  { dns }: Ports,
  { name, host, port }: Place,
  zones: readonly string[],
  clock: Clock,
): Promise<Given> {
  const given = new Map<string, ZoneTransfer | CheckFailure>();
  const start = clock.steady();
  for (const zone of zones) {
    if (between(start, clock.steady()) > TOGETHER) {
      given.set(zone, new CheckFailure('timeout', 'the time for zone transfers is used up'));
      continue;
    }
    const got = await dns.transfer({ host, port }, zone, EACH).catch(toFailure);
    given.set(zone, got);
    if (got instanceof CheckFailure && (isSilence(got) || NOT_FOR_US.includes(got.code))) break;
  }
  return { name, zones: given };
}

/** Allowing it is the operator's choice, and a server that cannot is no fault. */
const NOT_FOR_US: readonly FailureCode[] = ['no_privilege', 'version'];

/** The master against its own past, and every slave that lets itself be read against the master. */
export function contentNotes(
  zones: readonly string[],
  master: Given,
  slaves: readonly Given[],
  before: Memory,
): { readonly notes: readonly Note[]; readonly memory: Memory } {
  const looked = zones.map((zone) => [zone, lookAt(zone, master, slaves, before[zone])] as const);
  const compared = looked.map(([, { notes }]) => notes).filter((notes) => notes.length > 0);
  const differing = compared.filter((notes) => notes.some((note) => note.kind === 'evidence'));
  return {
    notes: [
      ...(compared.length === 0 ? [] : [observe(zonesDiffering, differing.length, {})]),
      ...[master, ...slaves].flatMap(failures),
      ...compared.flat(),
    ],
    memory: Object.fromEntries(
      looked.flatMap(([zone, { kept }]) => (kept === undefined ? [] : [[zone, kept]])),
    ),
  };
}

function lookAt(
  zone: string,
  master: Given,
  slaves: readonly Given[],
  before: Memory[string] | undefined,
): { readonly notes: readonly Note[]; readonly kept: Memory[string] | undefined } {
  const now = wholeOf(master, zone);
  if (now === undefined) return { notes: [], kept: before };
  const { serial, digest, records } = now;
  const past = before?.serial === serial ? before : undefined;
  const kept = past ?? { serial, digest, records };
  return {
    kept,
    notes: [
      // A new serial is one that slaves follow; without any past there is nothing to compare with.
      ...(before === undefined || past !== undefined
        ? differenceNotes(zone, MASTER, past, now, 'it had')
        : [observe(differs, 0, { zone, server: MASTER })]),
      ...slaves.flatMap((slave) =>
        differenceNotes(zone, slave.name, wholeOf(slave, zone), now, 'it has'),
      ),
    ],
  };
}

/** Of another serial nothing can be said: it may differ. */
function differenceNotes(
  zone: string,
  server: string,
  one: Pick<ZoneTransfer, 'serial' | 'digest' | 'records'> | undefined,
  master: ZoneTransfer,
  words: string,
): readonly Note[] {
  if (one?.serial !== master.serial) return [];
  const other = one.digest !== master.digest;
  const count = `${words} ${one.records} records, the master has ${master.records} others or changed ones`;
  return [
    observe(differs, other, { zone, server }),
    ...(other ? [evidence(server, `${zone}, serial ${master.serial}: ${count}`)] : []),
  ];
}

const wholeOf = ({ zones }: Given, zone: string): ZoneTransfer | undefined => {
  const given = zones.get(zone);
  return given instanceof CheckFailure ? undefined : given;
};

/** What could not be read, once for all zones with the same reason. */
function failures({ name, zones }: Given): readonly Note[] {
  const failed = [...zones].flatMap(([zone, given]) =>
    given instanceof CheckFailure ? [{ zone, failure: given }] : [],
  );
  const [first] = failed;
  if (first === undefined) return [];
  const { code, message } = first.failure;
  if (NOT_FOR_US.includes(code)) return [skip(name, code, message)];
  const all = enumerate(failed.map(({ zone }) => zone));
  return [
    gap(name, new CheckFailure(code, `${message} (zones: ${all})`, { cause: first.failure })),
  ];
}
