import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CheckResult } from '../core/check.ts';
import type { Metric } from '../core/metric.ts';
import type { Clock } from '../core/time.ts';
import { failureCodes, universalObservations } from '../core/universal.ts';
import type { Bus } from './bus.ts';
import { CONTENT_TYPE, END, negotiate } from './exposition-format.ts';
import { Exposition, registryText, type Sample, type Seen } from './exposition.ts';
import { own } from './own-metrics.ts';
import { describeProcess } from './recorder-process.ts';
import type { Reply } from './server.ts';

/** What the recorder has to know of the monitor besides results. */
export interface About {
  readonly version: string;
  /** The newest results, as they count at this moment. */
  readonly results: () => readonly CheckResult[];
  /** How the alerts and their messages stand at this moment. */
  readonly alerts?: () => readonly Sample[];
  /** Checks that have not completed for too long, at this moment. */
  readonly overdue: () => readonly { readonly check: string; readonly region: string }[];
}

/**
 * Renders `/metrics`: gauges from the newest results at the moment of the scrape (so nothing stale is
 * ever shown), and the counters of what has happened since the process started.
 */
export class Recorder {
  readonly #registry = new Registry();
  readonly #exposition = new Exposition();
  readonly #clock: Clock;
  readonly #about: About;

  constructor(bus: Bus, clock: Clock, about: About) {
    this.#clock = clock;
    this.#about = about;
    describeProcess(this.#registry, clock);
    this.#count(bus);
    this.#followConfig(bus);
    this.#describe();
  }

  /** The whole page, in the format that the `Accept` header of a scrape prefers. */
  async metrics(accept?: string): Promise<Pick<Reply, 'type' | 'body'>> {
    const format = negotiate(accept);
    const own = await registryText(this.#registry, format);
    const seen = this.#exposition.render(
      [
        ...this.#about.results().flatMap(whole),
        ...(this.#about.alerts?.() ?? []).map(({ region, observation }) => ({
          region,
          observations: [observation],
        })),
      ],
      format,
    );
    return { type: CONTENT_TYPE[format], body: own + seen + END[format] };
  }

  #count(bus: Bus): void {
    const registers = [this.#registry];
    const runs = new Counter(familyOf(own.runs, registers));
    const failures = new Counter(familyOf(own.failures, registers));
    const triggers = new Counter(familyOf(own.triggers, registers));
    const overlaps = new Counter(familyOf(own.overlaps, registers));
    const missed = new Counter(familyOf(own.missed, registers));
    const durations = new Histogram({
      ...familyOf(own.durations, registers),
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    });
    bus.on('check.completed', ({ result }) => {
      const { region, check, state, trigger } = result;
      runs.inc({ region, check, state });
      triggers.inc({ region, check, trigger });
      for (const reason of failureCodes(result)) failures.inc({ region, check, reason });
      durations.observe({ check }, result.took);
    });
    bus.on('check.overlapped', ({ region, check }) => {
      overlaps.inc({ region, check });
    });
    const probes = new Counter(familyOf(own.probes, registers));
    bus.on('probe.answered', ({ check, way }) => {
      probes.inc({ check, way });
    });
    bus.on('schedule.missed', ({ checks }) => {
      for (const check of checks) missed.inc({ check });
    });
  }

  #followConfig(bus: Bus): void {
    const registers = [this.#registry];
    const accepted = new Gauge(familyOf(own.accepted, registers));
    const since = new Gauge(familyOf(own.acceptedAt, registers));
    bus.on('config.loaded', (event) => {
      accepted.set(Number(event.accepted));
      if (event.accepted) since.set(this.#clock.now() / 1000);
    });
  }

  #describe(): void {
    const registers = [this.#registry];
    new Gauge(familyOf(own.build, registers)).set(
      { version: this.#about.version, runtime: `node ${process.versions.node}` },
      1,
    );
    const { overdue } = this.#about;
    new Gauge({
      ...familyOf(own.overdue, registers),
      collect() {
        this.reset();
        for (const { region, check } of overdue()) this.set({ region, check }, 1);
      },
    });
    const clock = this.#clock;
    new Gauge({
      ...familyOf(own.heartbeat, registers),
      collect() {
        this.set(clock.now() / 1000);
      },
    });
  }
}

/** A declared family as prom-client wants it. */
const familyOf = ({ name, help, labels, ofProcess }: Metric, registers: Registry[]) => ({
  name,
  help,
  labelNames: [...(ofProcess === true ? [] : ['region']), ...labels],
  registers,
});

/** What is true of every check, and what this one observed. */
const whole = (result: CheckResult): readonly Seen[] => [
  { region: result.region, observations: universalObservations(result) },
  result,
];
