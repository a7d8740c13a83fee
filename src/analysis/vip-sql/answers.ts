import { evidence, gap, skip, type Note } from '../../core/check.ts';
import { CheckFailure, isSilence } from '../../core/failure.ts';
import { observe } from '../../core/metric.ts';
import type { Row } from '../../core/ports/postgres.ts';
import type { Region } from '../../core/region.ts';
import { formatDuration, type Seconds } from '../../core/time.ts';
import { canaryStatements } from './preparation.ts';
import { sqlBackend, sqlSeconds, sqlUp, sqlWritable, writeSeconds, writeSuccess } from './rules.ts';

const VIP = 'vip';

/**
 * Who answers, and whether it would take a write. With the comment pgpool leaves the statement to the
 * primary that it uses, whatever it balances. The session itself has been made read-only by us, so what
 * counts is what a session of anybody else begins with (`reset_val`, PostgreSQL manual section 53.25).
 */
export const WHO_ANSWERS = `/*NO LOAD BALANCE*/
SELECT pg_is_in_recovery()::text AS in_recovery,
       (SELECT reset_val FROM pg_settings WHERE name = 'default_transaction_read_only') AS read_only,
       host(inet_server_addr()) AS server`;

export interface Answer {
  readonly standby: boolean;
  readonly readOnly: boolean;
  /** Undefined where pgpool reaches its database by no network. */
  readonly server: string | undefined;
}

/** @throws CheckFailure `protocol` when the rows are not what the query asks for. */
export function readAnswer(rows: readonly Row[]): Answer {
  const [row] = rows;
  const recovering = row?.['in_recovery'];
  const readOnly = row?.['read_only'];
  if (rows.length !== 1 || (recovering !== 'true' && recovering !== 'false'))
    throw new CheckFailure('protocol', 'the answer by way of the virtual address is another one');
  return {
    standby: recovering === 'true',
    readOnly: readOnly === 'on',
    server: row?.['server'] ?? undefined,
  };
}

export const takesWrites = ({ standby, readOnly }: Answer): boolean => !standby && !readOnly;

/** What an answer says. */
export function describeAnswer(region: Region, answer: Answer, took: Seconds): readonly Note[] {
  const { server } = answer;
  const node = region.nodes.find(({ address }) => address === server);
  const who = node?.name ?? server ?? 'a database that does not tell its address';
  return [
    observe(sqlUp, 1, {}),
    observe(sqlSeconds, took, {}),
    observe(sqlWritable, takesWrites(answer), {}),
    ...(node === undefined
      ? []
      : region.nodes.map(({ name }) => observe(sqlBackend, name === node.name, { node: name }))),
    evidence(VIP, `SQL is answered by ${who}, ${roleOf(answer)}, within ${formatDuration(took)}`),
  ];
}

const roleOf = ({ standby, readOnly }: Answer): string => {
  if (standby) return 'a standby, which takes no writes';
  return readOnly ? 'a primary with default_transaction_read_only = on' : 'a primary';
};

/** Why nothing was answered: the finding itself, or what kept the monitor from looking. */
export function describeSilence(region: Region, failure: CheckFailure): readonly Note[] {
  if (isOutage(failure))
    return [observe(sqlUp, 0, {}), evidence(VIP, `SQL is not answered: ${failure.message}`)];
  return [gap(VIP, withRemedy(region, failure))];
}

/** Nobody is served: silent, closed, starting, without a database behind it, or out of connections. */
const isOutage = (failure: CheckFailure): boolean =>
  isSilence(failure) || failure.code === 'dependency';

function withRemedy({ postgres, pgpool }: Region, failure: CheckFailure): CheckFailure {
  const { noLineIn, from } = failure.facts;
  const words = { user: postgres?.user ?? '', database: postgres?.database ?? '' };
  const remedy = ((): string => {
    if (noLineIn !== undefined)
      return `add to ${String(noLineIn)}_hba.conf on every node: host ${words.database} ${words.user} ${String(from)}/32 scram-sha-256`;
    if (failure.code === 'auth' && pgpool !== undefined)
      return `pgpool needs the line "${words.user}:TEXT" with the password, or its hash, in pool_passwd on every node`;
    return failure.code === 'tls'
      ? 'what listens there needs ssl = on and a certificate of it'
      : '';
  })();
  if (remedy === '') return failure;
  const { code, message, facts } = failure;
  return new CheckFailure(code, `${message}; ${remedy}`, { cause: failure, facts });
}

type Canary = NonNullable<NonNullable<Region['postgres']>['canary']>;

/** SQLSTATEs that say that the operator has not (or not wholly) made what the canary writes to. */
const NOT_PREPARED: readonly unknown[] = ['42P01', '42703', '42501', '3F000'];

/** Why the row was not written: the finding itself, or what is yet to be prepared. */
export function describeNoWrite(
  region: Region,
  canary: Canary,
  failure: CheckFailure,
): readonly Note[] {
  const { sqlstate = '', missing } = failure.facts;
  if (missing !== undefined || NOT_PREPARED.includes(sqlstate)) {
    const reason = `nothing is written (${failure.message}); as superuser on the primary: ${canaryStatements(region.name, region.postgres?.user ?? '', canary.table).join(' ')}`;
    return [skip('canary', failure.code, reason)];
  }
  if (!isOutage(failure) && sqlstate === '') return [gap('canary', failure)];
  const state = sqlstate === '' ? '' : ` (SQLSTATE ${String(sqlstate)})`;
  return [
    observe(writeSuccess, 0, {}),
    evidence('canary', `the row cannot be written: ${failure.message}${state}`),
  ];
}

export const describeWrite = (took: Seconds, kept: boolean): readonly Note[] => [
  observe(writeSuccess, kept, {}),
  observe(writeSeconds, took, {}),
  evidence(
    'canary',
    kept
      ? `a row was written and read back within ${formatDuration(took)}`
      : 'the row that was read is not the one that was written a moment before',
  ),
];
