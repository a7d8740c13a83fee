import { defineCheck, skip, type CheckContext, type Note } from '../src/core/check.ts';
import { toFailure } from '../src/core/failure.ts';
import type { PostgresServer } from '../src/core/ports/postgres.ts';
import type { Region } from '../src/core/region.ts';
import { between, seconds } from '../src/core/time.ts';
import {
  describeAnswer,
  describeNoWrite,
  describeSilence,
  describeWrite,
  readAnswer,
  takesWrites,
  WHO_ANSWERS,
} from '../src/analysis/vip-sql/answers.ts';
import { vipSqlMetrics, vipSqlRules } from '../src/analysis/vip-sql/rules.ts';

/** pgpool opens all its databases first; what takes longer than this, MAAS does not wait for either. */
const CONNECT = { timeout: seconds(5) };
const QUERY = { timeout: seconds(2) };
const WRITE = { timeout: seconds(4) };

/** What MAAS itself connects to. */
function entrance({ vip, postgres, pgpool }: Region): PostgresServer | undefined {
  if (postgres === undefined) return undefined;
  return { ...postgres, host: vip, port: pgpool?.port ?? postgres.port };
}

/** The optional write; only while reading shows that it ought to work. */
async function write(
  region: Region,
  server: PostgresServer,
  { io }: CheckContext,
): Promise<readonly Note[]> {
  const canary = region.postgres?.canary;
  if (canary === undefined) return [];
  try {
    const options = { ...WRITE, table: canary.table, region: region.name };
    const { took, kept } = await io.canary.write(server, options);
    return describeWrite(took, kept);
  } catch (thrown) {
    return describeNoWrite(region, canary, toFailure(thrown));
  }
}

export default defineCheck({
  name: 'postgres-vip',
  about:
    'Whether SQL works by way of the virtual address, who answers it, and whether it can write.',
  every: '30s',
  timeout: seconds(12),
  absence: ({ postgres }) =>
    postgres === undefined ? 'no PostgreSQL is configured (section `postgres`)' : undefined,
  metrics: vipSqlMetrics,
  rules: vipSqlRules,
  async run(region, context) {
    const { io, clock } = context;
    const server = entrance(region);
    if (server === undefined)
      return [skip('postgres', 'config', 'the configuration has no section `postgres`')];
    const began = clock.steady();
    try {
      // Never one that is kept: pgpool has few children, and whoever is in notices nothing.
      const session = await io.postgres.open(server, { ...CONNECT, passing: true });
      const answer = readAnswer(await session.query(WHO_ANSWERS, QUERY));
      const took = between(began, clock.steady());
      return [
        ...describeAnswer(region, answer, took),
        ...(takesWrites(answer) ? await write(region, server, context) : []),
      ];
    } catch (thrown) {
      return describeSilence(region, toFailure(thrown));
    }
  },
});
