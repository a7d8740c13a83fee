/**
 * What a scrape costs: `node --import tsx test/bench/metrics.ts`. Each arm gets the same new
 * observations, turn about, and its page becomes bytes as the server sends it. What they say is compared.
 */
import { Gauge, Registry } from 'prom-client';
import { gauge, stateset, type Metric } from '../../src/core/metric.ts';
import { Exposition, type Seen } from '../../src/runtime/exposition.ts';

const STATES = ['ok', 'warning', 'critical', 'unknown', 'skipped'] as const;

/** Of ten families: four statesets, five numbers that stay (0, 1, a count), one that is measured each time. */
const FAMILIES: readonly Metric[] = Array.from({ length: 60 }, (_, each) => {
  const name = `maasha_family_${each}_of_things` as const;
  const help = 'What it measures, from whose view, and what the numbers 0 and 1 mean.';
  return each % 10 < 4
    ? stateset({ name, help, labels: ['node', 'backend'], states: STATES })
    : gauge({ name, help, labels: ['node', 'backend', 'path', 'zone'] });
});
const MEASURED = 9;
// Labels come from the configuration: the same strings each time.
const BACKENDS = Array.from({ length: 90 }, (_, each) => `172.31.${each}.32:5432`);
const PATHS = STATES.map((state) => `/srv/boot/images/${state}`);
const ZONES = STATES.map((_, at) => `zone${at}.example.org`);

/** What a scrape shows, all of it new objects; `all`: every value is another one than at the last scrape. */
function scrape(count: number, turn: number, all: boolean): Seen[] {
  const seen: Seen[] = [];
  let left = count;
  for (let region = 0; left > 0; region += 1) {
    const observations = FAMILIES.flatMap((metric, family) =>
      [1, 2].flatMap((node) =>
        STATES.map((state, at) => {
          const measured = all || family % 10 === MEASURED;
          const value = measured ? ((turn + at) % 97) / 7 : Number(at === 0);
          const thing = { node: `rc${node}`, backend: BACKENDS[region % BACKENDS.length]! };
          const labels =
            metric.states === undefined
              ? { ...thing, path: PATHS[at]!, zone: ZONES[at]! }
              : { ...thing, state };
          return { kind: 'observation' as const, metric, labels, value };
        }),
      ),
    ).slice(0, left);
    left -= observations.length;
    seen.push({ region: `maas${region}`, observations });
  }
  return seen;
}

/** What a scrape has to do; returns the page. The first part is not measured. */
type Arm = (seen: readonly Seen[]) => () => string | Promise<string>;

function fill(registry: Registry, seen: readonly Seen[]): Registry {
  for (const { region, observations } of seen)
    for (const { metric, labels, value } of observations) {
      const known = registry.getSingleMetric(metric.name) as Gauge | undefined;
      const family =
        known ??
        new Gauge({
          name: metric.name,
          help: metric.help,
          labelNames: ['region', ...metric.labels],
          registers: [registry],
        });
      family.set({ region, ...labels }, value);
    }
  return registry;
}

const arms = (): Readonly<Record<string, Arm>> => {
  const set = new Registry();
  const kept = new Registry();
  const exposition = new Exposition();
  return {
    'prom-client, new registry': (seen) => () => fill(new Registry(), seen).metrics(),
    'prom-client, kept, set anew': (seen) => () => fill(set, seen).metrics(),
    'prom-client, kept, only rendered': (seen) => {
      fill(kept, seen);
      return () => kept.metrics();
    },
    ours: (seen) => () => exposition.render(seen, 'text'),
  };
};

const withoutBlankLines = (page: string): string => page.replaceAll('\n\n', '\n');

interface Times {
  readonly wall: number[];
  readonly cpu: number[];
}

async function timed(page: () => string | Promise<string>, times: Times | undefined) {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const bytes = Buffer.from(await page());
  const wall = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  times?.wall.push(wall);
  times?.cpu.push((user + system) / 1000);
  return bytes;
}

const WARM_UP = 5;

async function compare(count: number, rounds: number, all: boolean): Promise<void> {
  const found = new Map<string, Times>();
  const contenders = Object.entries(arms());
  let size = 0;
  for (let turn = 0; turn < rounds + WARM_UP; turn += 1) {
    const pages = new Set<string>();
    for (const [name, arm] of contenders) {
      const page = arm(scrape(count, turn, all));
      const times = found.get(name) ?? { wall: [], cpu: [] };
      found.set(name, times);
      const bytes = await timed(page, turn < WARM_UP ? undefined : times);
      pages.add(withoutBlankLines(bytes.toString()));
      size = bytes.length;
    }
    if (pages.size !== 1) throw new Error(`the arms say different things (turn ${turn})`);
    contenders.push(contenders.shift()!);
  }
  report(count, size, all, found);
}

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const median = (values: readonly number[]): number => sorted(values)[values.length >> 1] ?? NaN;
const shown = (values: readonly number[]): string =>
  `${median(values).toFixed(2)} [${sorted(values)[0]?.toFixed(2)}..${sorted(values).at(-1)?.toFixed(2)}]`;

function report(count: number, size: number, all: boolean, found: Map<string, Times>): void {
  const ours = found.get('ours')!;
  const lines = [...found].map(([name, { wall, cpu }]) =>
    [
      name.padEnd(34),
      shown(wall).padStart(26),
      shown(cpu).padStart(26),
      `${(median(wall) / median(ours.wall)).toFixed(1)}x`.padStart(8),
      `${(median(cpu) / median(ours.cpu)).toFixed(1)}x`.padStart(8),
    ].join(''),
  );
  process.stdout.write(
    `${count} series, ${(size / 1000).toFixed(0)} kB, ${all ? 'every value changes' : 'one value in ten changes'} between two scrapes; median [range] of ${ours.wall.length}\n` +
      `${''.padEnd(34)}${'wall ms'.padStart(26)}${'CPU ms'.padStart(26)}${'wall'.padStart(8)}${'CPU'.padStart(8)}\n` +
      `${lines.join('\n')}\n\n`,
  );
}

process.stdout.write(`Node ${process.version}; the arms' pages were compared at each turn\n\n`);
for (const all of [false, true]) {
  await compare(1500, 60, all);
  await compare(50_000, 11, all);
}
