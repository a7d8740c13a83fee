import {
  defineCheck,
  doesNotApply,
  gap,
  remember,
  skip,
  type CheckContext,
  type Note,
} from '../src/core/check.ts';
import { seconds } from '../src/core/time.ts';
import { ask, misfit, tell, type Reader } from '../src/analysis/maas/ask.ts';
import { openMaas } from '../src/analysis/maas/database.ts';
import { foreignNotes, loopNotes, neverStarted } from '../src/analysis/maas/generation1.ts';
import * as second from '../src/analysis/maas/generation2.ts';
import * as metrics from '../src/analysis/maas/metrics.ts';
import { ownErrorNotes } from '../src/analysis/maas/own-errors.ts';
import * as questions from '../src/analysis/maas/questions.ts';
import { databaseRules } from '../src/analysis/maas/rules.ts';
import {
  lastOf,
  lookAtSequence,
  sequenceNotes,
  serialMemory,
  type SerialMemory,
} from '../src/analysis/maas/sequence.ts';
import { servedSerials } from '../src/analysis/maas/served.ts';
import { serviceNotes } from '../src/analysis/maas/services.ts';

type Context = CheckContext<SerialMemory>;

export default defineCheck<SerialMemory>({
  name: 'maas-database',
  about:
    "What MAAS's own database says of MAAS: whether the region keeps it, zone serials, services, DHCP, and errors that MAAS shows.",
  every: '1m',
  timeout: seconds(20),
  absence: ({ postgres }) =>
    postgres === undefined ? 'no PostgreSQL is configured (section `postgres`)' : undefined,
  metrics: metrics.databaseMetrics,
  rules: databaseRules,
  async run(region, context) {
    const server = region.postgres;
    if (server === undefined) {
      return [skip('MAAS', 'config', 'the configuration has no section `postgres`')];
    }
    const before = serialMemory.safeParse(context.memory).data;
    const kept = before === undefined ? [] : [remember(before)];
    const { desk, notes } = await openMaas(region, server, context.io);
    if (desk === undefined) return [...notes, ...kept];
    const reader = { region, desk, role: server.user, check: 'maas-database' };
    const unfit = misfit(reader);
    if (unfit !== undefined) return [...notes, gap('MAAS', unfit), ...kept];
    const [serials, rest] = await Promise.all([
      zoneSerials(reader, context, before),
      region.generation === 1 ? firstGeneration(reader) : secondGeneration(reader),
    ]);
    return [...notes, ...rest, ...serials];
  },
});

async function firstGeneration(reader: Reader): Promise<readonly Note[]> {
  const { region, desk } = reader;
  const started = desk.tables.has('eventloops') || desk.recovering;
  const [loops, errors, foreign] = await Promise.all([
    started ? ask(reader, questions.eventLoops) : undefined,
    ask(reader, questions.componentErrors),
    ask(reader, questions.foreignServers),
  ]);
  return [
    ...(loops === undefined ? neverStarted() : tell(loops, loopNotes)),
    ...tell(foreign, (rows) => foreignNotes(region, rows)),
    ...tell(errors, (rows) =>
      ownErrorNotes(
        rows.map(({ component, error, age }) => ({ about: component, says: error, age })),
      ),
    ),
    ...metrics.SECOND_ONLY.map((metric) => doesNotApply(metric, {})),
  ];
}

async function secondGeneration(reader: Reader): Promise<readonly Note[]> {
  const { region, desk } = reader;
  const [processes, services, vlans, versions, complaints, shared] = await Promise.all([
    ask(reader, questions.regionProcesses),
    ask(reader, questions.services),
    ask(reader, questions.dhcpVlans),
    ask(reader, questions.controllerVersions),
    ask(reader, questions.notifications),
    ask(reader, questions.sharedEndpoints),
  ]);
  const alive = processes.rows && second.isAlive(processes.rows, desk.lag);
  return [
    ...tell(processes, (rows) => second.processNotes(region, rows, services.rows ?? [], desk.lag)),
    ...tell(services, (rows) =>
      alive === false ? [second.nobodySays('services')] : serviceNotes(region, rows),
    ),
    ...tell(vlans, (rows) => second.dhcpNotes(region, rows, alive)),
    ...tell(versions, second.versionNotes),
    ...tell(complaints, (rows) =>
      ownErrorNotes(
        rows.map(({ ident, category, message, age }) => ({
          about: ident,
          says: message,
          age,
          warning: category === 'warning',
        })),
      ),
    ),
    ...tell(shared, (rows) => second.claimNotes(rows)),
  ];
}

/** On the primary only: a standby holds the sequence ahead of what was handed out. */
async function zoneSerials(
  reader: Reader,
  { io, clock }: Context,
  before: SerialMemory | undefined,
): Promise<readonly Note[]> {
  const [asked, served] = await Promise.all([
    ask(reader, questions.zoneSerial),
    servedSerials(reader.region, io),
  ]);
  const kept = before === undefined ? [] : [remember(before)];
  const [row] = asked.rows ?? [];
  if (row === undefined) return [...asked.notes, ...kept];
  return sequenceNotes(lookAtSequence(lastOf(row), before, served, clock.steady()));
}
