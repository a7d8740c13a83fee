import type { z } from 'zod';
import { gap, skip, type Note } from '../../core/check.ts';
import { CheckFailure, toFailure } from '../../core/failure.ts';
import type { Region } from '../../core/region.ts';
import { seconds } from '../../core/time.ts';
import { looksLike, type Desk } from './database.ts';
import { grantStatements } from './grants.ts';
import { readRows } from './rows.ts';

/** One question to MAAS's tables. */
export interface Question<Shape extends z.ZodType = z.ZodType> {
  /** What it is about, for people. */
  readonly subject: string;
  readonly sql: string;
  /** What it reads; each stands in `maasGrants`. */
  readonly tables: readonly string[];
  /** Its rows. */
  readonly shape: Shape;
  /** What a standby cannot tell: unlogged tables, and sequences. */
  readonly primaryOnly?: true;
}

/** What is read, and for whom: the account and the check stand in what is said of a missing grant. */
export interface Reader {
  readonly region: Region;
  readonly role: string;
  readonly check: string;
  readonly desk: Desk;
}

/** The rows, or what is to be said instead. */
export type Asked<Answer> =
  | { readonly rows: readonly Answer[]; readonly notes: readonly [] }
  | { readonly rows?: undefined; readonly notes: readonly Note[] };

const LIMIT = { timeout: seconds(2) };

/** What the rows come to, or why there are none. */
export const tell = <Answer>(
  asked: Asked<Answer>,
  say: (rows: readonly Answer[]) => readonly Note[],
): readonly Note[] => (asked.rows === undefined ? asked.notes : say(asked.rows));

/** Asks one question. What the account may not see is skipped, with the grant that would change it. */
export async function ask<Shape extends z.ZodType>(
  reader: Reader,
  question: Question<Shape>,
): Promise<Asked<z.output<Shape>>> {
  const { desk } = reader;
  const { subject, sql, shape, tables, primaryOnly } = question;
  const missing = tables.filter((table) => !desk.tables.has(table));
  if (missing.length > 0) return { notes: [gap(subject, absent(reader, missing))] };
  if (primaryOnly && desk.recovering) return { notes: [gap(subject, ON_STANDBY)] };
  try {
    return { rows: readRows(shape, await desk.session.query(sql, LIMIT)), notes: [] };
  } catch (thrown) {
    return { notes: [refused(toFailure(thrown), question, reader)] };
  }
}

const ON_STANDBY = new CheckFailure(
  'dependency',
  'only the primary shows it, and none could be asked',
);

function refused(failure: CheckFailure, { subject, tables }: Question, reader: Reader): Note {
  const { sqlstate } = failure.facts;
  // feature_not_supported: "cannot access temporary or unlogged relations during recovery".
  if (sqlstate === '0A000') return gap(subject, ON_STANDBY);
  if (sqlstate !== '42501') return gap(subject, failure);
  const { check, role, region } = reader;
  const grants = grantStatements(region.generation, { check, tables, role });
  return skip(subject, 'no_privilege', `${role} may not read it: ${grants.join(' ')}`);
}

/** A table that this version of MAAS, or this schema, does not have. */
const absent = (reader: Reader, missing: readonly string[]): CheckFailure =>
  misfit(reader) ??
  elsewhere(reader, missing) ??
  new CheckFailure('version', `this version of MAAS has no table ${missing.join(', ')}`);

/** Why no question makes sense here: another generation of MAAS, another schema, another database. */
export function misfit({ region, role, desk }: Reader): CheckFailure | undefined {
  const looks = looksLike(desk);
  const configured = `configured \`generation: ${region.generation}\``;
  if (looks === region.generation) return undefined;
  if (looks !== undefined)
    return new CheckFailure(
      'config',
      `${configured}, but the database looks like generation ${looks}`,
    );
  return (
    elsewhere({ role, desk }) ??
    new CheckFailure('config', `${configured}, but the database holds no tables of MAAS`)
  );
}

/** Tables are found by their bare names: what lies in another schema has to be put on the search_path. */
function elsewhere(
  { role, desk }: Pick<Reader, 'role' | 'desk'>,
  wanted?: readonly string[],
): CheckFailure | undefined {
  const hidden = desk.elsewhere.find(
    (name) => wanted === undefined || wanted.includes(name.split('.')[1] ?? ''),
  );
  if (hidden === undefined) return undefined;
  const [schema = ''] = hidden.split('.');
  const way = `GRANT USAGE ON SCHEMA ${schema} TO ${role}; ALTER ROLE ${role} SET search_path = ${schema};`;
  return new CheckFailure('config', `${hidden} is not on the search_path of ${role}: ${way}`);
}
