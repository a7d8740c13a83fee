import { z } from 'zod';
import type { Note } from '../../core/check.ts';
import { sameName } from '../../protocol/dns.ts';
import { ask, type Asked, type Question, type Reader } from '../maas/ask.ts';
import { whole, words } from '../maas/rows.ts';
import { cidrOf, reverseZones } from './reverse.ts';

/* Which zones MAAS has, as its own database says. In SQL that PostgreSQL 9.3 understands. */

/** More zones than this are not asked for, one by one, at every server. */
const MOST = 500;

const question = <Shape extends z.ZodType>(given: Question<Shape>): Question<Shape> => given;

const zone = words(253).transform((name) => name.toLowerCase().replace(/\.$/, ''));

/** Accepted (MAAS 1.9: enabled) clusters. */
const clusters = question({
  subject: 'zones',
  tables: ['maasserver_nodegroup'],
  sql: `SELECT DISTINCT name AS zone FROM maasserver_nodegroup WHERE status = 1 LIMIT 1000`,
  shape: z.object({ zone }),
});

/** Those that MAAS manages DNS for: an interface with management 2. To MAAS 1.8. */
export const managed = question({
  subject: 'zones',
  tables: ['maasserver_nodegroup', 'maasserver_nodegroupinterface'],
  sql: `
SELECT g.name AS zone, host(i.ip) AS ip, host(i.subnet_mask) AS mask
  FROM maasserver_nodegroup g JOIN maasserver_nodegroupinterface i ON i.nodegroup_id = g.id
 WHERE g.status = 1 AND i.management = 2 LIMIT 1000`,
  shape: z.object({ zone, ip: words(45), mask: words(45).nullable() }),
});

const domains = question({
  subject: 'zones',
  tables: ['maasserver_domain'],
  sql: `SELECT name AS zone FROM maasserver_domain WHERE authoritative LIMIT 1000`,
  shape: z.object({ zone }),
});

const subnets = question({
  subject: 'reverse zones',
  tables: ['maasserver_subnet'],
  sql: `SELECT cidr::text AS cidr FROM maasserver_subnet WHERE rdns_mode <> 0 LIMIT 1000`,
  shape: z.object({ cidr: words(50) }),
});

/**
 * The newest serial that MAAS published (generation 2), and the newest of those that every region has had
 * two minutes to write.
 */
export const publication = question({
  subject: 'publication',
  tables: ['maasserver_dnspublication'],
  sql: `
SELECT (SELECT serial::text FROM maasserver_dnspublication ORDER BY id DESC LIMIT 1) AS newest,
       (SELECT serial::text FROM maasserver_dnspublication
         WHERE created < now() - interval '120 seconds' ORDER BY id DESC LIMIT 1) AS settled`,
  shape: z.object({ newest: serial().nullable(), settled: serial().nullable() }),
});

function serial() {
  return whole.pipe(z.int().min(0).max(0xffff_ffff));
}

/** The zones of MAAS, each once. */
export interface MaasZones {
  readonly names: readonly string[];
  /**
   * True where it is known that MAAS serves each of them; false where it may keep some without DNS, so that
   * only those which the master has can be said to be missing elsewhere.
   */
  readonly certain: boolean;
  /** More than are looked at. */
  readonly left: number;
}

/** What the database says of zones; without the right to see that, the notes say what is missing. */
export async function maasZones(
  reader: Reader,
): Promise<{ readonly zones: MaasZones | undefined; readonly notes: readonly Note[] }> {
  return reader.region.generation === 1 ? firstGeneration(reader) : secondGeneration(reader);
}

async function firstGeneration(reader: Reader) {
  const full = await ask(reader, managed);
  if (full.rows !== undefined) {
    const reverse = full.rows.flatMap(({ ip, mask }) =>
      reverseZones((mask === null ? undefined : cidrOf(ip, mask)) ?? '', 1),
    );
    return told([...full.rows.map((row) => row.zone), ...reverse], true, []);
  }
  // MAAS 1.9 keeps networks elsewhere, and the right to see interfaces may be missing: names alone are much.
  const names = await ask(reader, clusters);
  if (names.rows === undefined) return { zones: undefined, notes: names.notes };
  return told(
    names.rows.map((row) => row.zone),
    false,
    full.notes.filter(({ kind }) => kind === 'skip'),
  );
}

async function secondGeneration(reader: Reader) {
  const [forward, networks] = await Promise.all([ask(reader, domains), ask(reader, subnets)]);
  const rows = <Row>(asked: Asked<Row>): readonly Row[] => asked.rows ?? [];
  const notes = [...forward.notes, ...networks.notes];
  if (forward.rows === undefined && networks.rows === undefined) return { zones: undefined, notes };
  const reverse = rows(networks).flatMap(({ cidr }) => reverseZones(cidr, 2));
  return told([...rows(forward).map((row) => row.zone), ...reverse], true, notes);
}

function told(names: readonly string[], certain: boolean, notes: readonly Note[]) {
  const all = [...new Set(names.filter((name) => name !== ''))].sort();
  const left = Math.max(0, all.length - MOST);
  return { zones: { names: all.slice(0, MOST), certain, left }, notes };
}

/** Zones that are not among the others. */
export const without = (zones: readonly string[], others: readonly string[]): readonly string[] =>
  zones.filter((one) => !others.some((other) => sameName(one, other)));
