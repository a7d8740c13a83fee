import { DatabaseError } from 'pg';
import { CheckFailure, type FailureCode } from '../core/failure.ts';
import { socketFailure } from './scope.ts';

/** SQLSTATEs that say why one may not look (PostgreSQL manual, appendix A). All others: `protocol`. */
const CODES: Readonly<Record<string, FailureCode>> = {
  '28000': 'auth', // invalid_authorization_specification: also "no pg_hba.conf entry"
  '28P01': 'auth', // invalid_password
  '3D000': 'config', // the database does not exist
  '42501': 'no_privilege',
  '42703': 'version', // undefined_column
  '42883': 'version', // undefined_function
  '42P01': 'version', // undefined_table
  '53300': 'dependency', // too_many_connections
  '55000': 'dependency', // not in the right state: it changed its role just now
  '57014': 'timeout', // query_canceled: by statement_timeout
  '57P01': 'dependency', // admin_shutdown
  '57P02': 'dependency', // crash_shutdown
  '57P03': 'dependency', // cannot_connect_now: it starts up or shuts down
};

/** pgpool gives its own refusals the SQLSTATE of an internal error; only the words tell them apart. */
const PGPOOL: readonly (readonly [RegExp, FailureCode])[] = [
  [/authentication failed/i, 'auth'],
  [/not accepting any new connections/i, 'dependency'],
  // It could not bring the session to its databases, or lost one of them on the way.
  [/create a backend connection|all backend(s are| nodes are|) down/i, 'dependency'],
  [/kind does not match between main|unable to read (data|message)/i, 'dependency'],
];

/** Whose address a server has no line for: in the words of PostgreSQL, or in the detail of pgpool. */
const NO_LINE =
  /no (pool|pg)_hba\.conf entry for (?:replication connection from )?host "([^"]{1,45})"/;

/** The words of an answer that go into a message; a hostile one may be as long as it likes. */
const LONGEST = 200;

/**
 * Whatever `pg` rejects with, as a failure.
 *
 * @param heard how many bytes came from the peer in this exchange: one that closes without a word
 *   refused, one that said something else than PostgreSQL does not speak the protocol.
 */
export function postgresFailure(error: unknown, what: string, heard: number): CheckFailure {
  if (error instanceof CheckFailure) return error;
  if (error instanceof DatabaseError) return serverFailure(error, what);
  if (!(error instanceof Error)) return new CheckFailure('protocol', `${what}: ${String(error)}`);
  if ('errno' in error) return socketFailure(error, what);
  if (/time(d )?out/i.test(error.message)) {
    return new CheckFailure('timeout', `${what}: no answer in time`, { cause: error });
  }
  const code = heard === 0 ? 'refused' : 'protocol';
  return new CheckFailure(code, `${what}: ${error.message.slice(0, LONGEST)}`, { cause: error });
}

function serverFailure(error: DatabaseError, what: string): CheckFailure {
  const sqlstate = error.code ?? '';
  const words = error.message.slice(0, LONGEST);
  const code =
    CODES[sqlstate] ?? PGPOOL.find(([pattern]) => pattern.test(words))?.[1] ?? 'protocol';
  const why = code === 'auth' ? detailOf(error) : '';
  const facts = { sqlstate, ...missingLine(words + why) };
  return new CheckFailure(code, `${what}: ${words}${why}`, { cause: error, facts });
}

/** pgpool says only there why it refuses; PostgreSQL tells a client no such details. */
const detailOf = ({ detail }: DatabaseError): string =>
  detail === undefined ? '' : ` (${detail.slice(0, LONGEST)})`;

function missingLine(words: string): { noLineIn: string; from: string } | undefined {
  const [, noLineIn, from] = NO_LINE.exec(words) ?? [];
  return noLineIn === undefined || from === undefined ? undefined : { noLineIn, from };
}

/** True when the server ended the connection together with its error. */
export const isFatal = (failure: CheckFailure): boolean =>
  !(failure.cause instanceof DatabaseError) || failure.cause.severity !== 'ERROR';
