import { beliefOf, deciders, hangsOn, realityOf } from '../src/analysis/pgpool/known.ts';
import { truth, truthRules } from '../src/analysis/pgpool/truth-rules.ts';
import { judgeBackend } from '../src/analysis/pgpool/truth.ts';
import {
  defineCheck,
  doesNotApply,
  evidence,
  gap,
  skip,
  type CheckResult,
  type Note,
} from '../src/core/check.ts';
import { CheckFailure } from '../src/core/failure.ts';
import { observeState } from '../src/core/metric.ts';
import type { Region } from '../src/core/region.ts';
import { between, formatDuration, seconds } from '../src/core/time.ts';

/** What was seen further apart than this shows two different moments, maybe with a failover between. */
const TOGETHER = seconds(45);

const missing = ({ pgpool, postgres }: Region): string | undefined => {
  if (pgpool === undefined) return 'no pgpool is configured (section `pgpool`)';
  return postgres === undefined ? 'no PostgreSQL is configured (section `postgres`)' : undefined;
};

const unknown = (why: string): Note => gap('pgpool', new CheckFailure('dependency', why));

/** How far apart two looks began, in words; undefined where they are of one time. */
function apart(one: CheckResult, other: CheckResult): string | undefined {
  const distance = seconds(Math.abs(between(one.startedAt, other.startedAt)));
  return distance > TOGETHER ? formatDuration(distance) : undefined;
}

function compare(
  region: Region,
  watchdog: CheckResult,
  postgres: readonly CheckResult[],
): readonly Note[] {
  const [leader, second] = deciders(region, [watchdog]);
  if (leader === undefined) return [unknown('no pgpool that leads tells of its databases')];
  const isLed = watchdog.observations.some(
    ({ metric }) => metric.name === 'maasha_pgpool_watchdog_node_state',
  );
  if (isLed && second !== undefined)
    return [unknown(`${leader} and ${second} both lead: which view counts is not known`)];
  const notes = region.nodes.flatMap(({ name }) => judge(leader, name, watchdog, postgres));
  const waits = hangsOn(region, leader, watchdog, postgres);
  if (waits !== undefined) return [...notes, evidence('pgpool', waits), unknown(SILENT)];
  return notes.length > 0 ? notes : [unknown(`pgpool on ${leader} tells of no database`)];
}

const SILENT = 'pgpool tells nothing of its databases while it waits for one that hangs';

function judge(
  leader: string,
  backend: string,
  watchdog: CheckResult,
  postgres: readonly CheckResult[],
): readonly Note[] {
  const belief = beliefOf(leader, backend, [watchdog]);
  if (belief === undefined) return absent(backend, watchdog);
  const reality = realityOf(backend, postgres);
  const found = judgeBackend(belief, reality);
  if (found === undefined) {
    const why =
      belief.reached === true && reality.serves === false
        ? 'it does not serve the monitor, and pgpool has just reached it: the way from here fails, or the account'
        : 'what it is in truth is not all known';
    return [gap(backend, new CheckFailure('dependency', `is ${belief.state} for pgpool; ${why}`))];
  }
  return [
    ...observeState(truth, found.truth, { backend }),
    evidence(backend, found.says ?? `is ${belief.state} as ${belief.role}, as pgpool has it`),
  ];
}

/** The check that asked pgpool says that this one is no backend. */
const absent = (backend: string, { inapplicable }: CheckResult): readonly Note[] =>
  inapplicable.some(
    ({ metric, labels }) =>
      metric.name === 'maasha_pgpool_backend_detached' && labels['backend'] === backend,
  )
    ? [doesNotApply(truth, { backend })]
    : [];

/** Whether what pgpool believes of each database is true, and what is to be done where it is not. */
export default defineCheck({
  name: 'pgpool-truth',
  about: 'Whether what pgpool believes of each database is true, and whether it may be attached.',
  every: '1m',
  timeout: seconds(1),
  needs: ['pgpool-watchdog', 'postgres-replication', 'postgres-divergence'],
  absence: missing,
  metrics: [truth],
  rules: truthRules,
  run: (region, { needs }) => {
    const reason = missing(region);
    if (reason !== undefined) return Promise.resolve([skip('pgpool', 'config', reason)]);
    const watchdog = needs['pgpool-watchdog'];
    const replication = needs['postgres-replication'];
    const divergence = needs['postgres-divergence'];
    if (watchdog === undefined || replication === undefined)
      return Promise.resolve([unknown('nobody has asked pgpool and the databases yet')]);
    const distance = apart(watchdog, replication);
    if (distance !== undefined)
      return Promise.resolve([unknown(`pgpool and the databases were seen ${distance} apart`)]);
    const isOfOneTime = divergence !== undefined && apart(watchdog, divergence) === undefined;
    return Promise.resolve(
      compare(region, watchdog, [replication, ...(isOfOneTime ? [divergence] : [])]),
    );
  },
});
