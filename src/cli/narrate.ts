import type { CheckResult } from '../core/check.ts';
import { headline, oneLine } from '../core/describe.ts';
import { labelKey } from '../core/metric.ts';
import { formatDuration, between } from '../core/time.ts';
import { systemClock } from '../io/clock.ts';
import { holdersOf, moves, type Holders } from '../core/holders.ts';
import type { Bus } from '../runtime/bus.ts';
import type { Latest } from '../runtime/latest.ts';
import { colours } from './colours.ts';
import type { Setup } from './setup.ts';

/** Tells what the monitor sees: to a person line by line, or to a log collector as JSON. */
export interface Narrator {
  say(text: string): void;
  watching(ready: Setup, address: string): void;
  defect(error: unknown, where: string): void;
  follow(bus: Bus, latest: Latest): void;
}

type Write = (fields: Readonly<Record<string, unknown>>, line: string) => void;

export async function narrate(format: 'human' | 'json'): Promise<Narrator> {
  const write = format === 'json' ? await jsonLines() : humanLines;
  return {
    say: (text) => {
      write({ event: 'said' }, text);
    },
    watching: (ready, address) => {
      for (const line of introduction(ready, address)) write({ event: 'watching', address }, line);
    },
    defect: (error, where) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      write({ event: 'defect', where }, `a defect of the monitor, in ${where}: ${text}`);
    },
    follow: (bus, latest) => {
      follow(bus, write);
      followHolders(bus, latest, write);
    },
  };
}

const humanLines: Write = (_, line) => {
  const { dim } = colours(process.stdout);
  const time = new Date().toISOString().slice(11, 19);
  process.stdout.write(`${dim(time)}  ${line}\n`);
};

async function jsonLines(): Promise<Write> {
  const { pino } = await import('pino');
  const log = pino({ base: null });
  return (fields, line) => {
    log.info(fields, line);
  };
}

function introduction({ config, checks }: Setup, address: string): readonly string[] {
  const { bold } = colours(process.stdout);
  return [
    ...config.regions.map(
      ({ name, vip, nodes }) =>
        `watching ${bold(name)}: VIP ${vip}, nodes ${nodes.map((node) => `${node.name} (${node.address})`).join(' and ')}`,
    ),
    `checks: ${checks.map(({ name, every, needs }) => (needs === undefined ? `${name} (every ${every})` : name)).join(', ')}`,
    address.startsWith('unix:')
      ? `HTTP at ${address}`
      : `status page ${address}/   metrics ${address}/metrics`,
  ];
}

function follow(bus: Bus, write: Write): void {
  bus.on('check.completed', ({ result, before }) => {
    for (const line of changes(result, before))
      write(
        {
          event: 'changed',
          check: result.check,
          region: result.region,
          state: result.state,
          before: before?.state,
        },
        line,
      );
  });
  bus.on('check.overdue', ({ check, region, since }) => {
    const silent = formatDuration(between(since, systemClock.steady()));
    write(
      { event: 'overdue', check, region },
      `${region}  ${check} has not completed for ${silent}`,
    );
  });
  bus.on('config.loaded', ({ accepted, problems }) => {
    if (!accepted)
      write(
        { event: 'config', accepted, problems },
        `the new configuration was refused, the old one stays in force:\n  ${problems.join('\n  ')}`,
      );
  });
}

/** Tells when the VIP, the lead or the primary moves: the words an operator waits for in a failover. */
function followHolders(bus: Bus, latest: Latest, write: Write): void {
  const known = new Map<string, Holders>();
  bus.on('check.completed', ({ result: { region } }) => {
    const before = known.get(region) ?? {};
    const now = holdersOf(latest.all().filter((each) => each.region === region));
    // What is not known at present keeps its last known holder, so that a move across a gap is told too.
    known.set(region, { ...before, ...now });
    const { bold } = colours(process.stdout);
    for (const move of moves(before, now))
      write({ event: 'moved', region, move }, `${region}  ${bold(oneLine(move))}`);
  });
}

/** What is new in a result: a change of state, else findings that came or went within the same state. */
function changes(result: CheckResult, before: CheckResult | undefined): readonly string[] {
  const { state, bold } = colours(process.stdout);
  const where = `${result.region}  ${bold(result.check)}`;
  const paint = state(result.state);
  if (before?.state !== result.state)
    return [
      `${where}  ${before === undefined ? '' : `${before.state} → `}${paint(result.state)}  ${short(headline(result))}`,
    ];
  const had = new Set(before.findings.map(identity));
  const has = new Set(result.findings.map(identity));
  return [
    ...result.findings
      .filter((each) => !had.has(identity(each)))
      .map(({ summary }) => `${where}  ${paint('now')}  ${oneLine(summary)}`),
    ...before.findings
      .filter((each) => !has.has(identity(each)))
      .map(({ summary }) => `${where}  over  ${oneLine(summary)}`),
  ];
}

const identity = ({ rule, labels }: CheckResult['findings'][number]): string =>
  rule + labelKey(labels);

/** A line that still fits a wide terminal; the status page and `check --explain` have the rest. */
const short = (text: string): string => (text.length > 160 ? `${text.slice(0, 159)}…` : text);
