import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CheckResult } from '../core/check.ts';
import type { Clock } from '../core/time.ts';
import { failureCodes, universalObservations } from '../core/universal.ts';
import type { Bus } from './bus.ts';
import { render, type Sample } from './exposition.ts';

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
  readonly #clock: Clock;
  readonly #about: About;

  constructor(bus: Bus, clock: Clock, about: About) {
    this.#clock = clock;
    this.#about = about;
    collectDefaultMetrics({ register: this.#registry });
    // prom-client names these gauges like counters, which promtool refuses.
    for (const thing of ['handles', 'requests', 'resources'])
      this.#registry.removeSingleMetric(`nodejs_active_${thing}_total`);
    this.#count(bus);
    this.#followConfig(bus);
    this.#describe();
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;

  async metrics(): Promise<string> {
    const [own, seen] = await Promise.all([
      this.#registry.metrics(),
      render([...this.#about.results().flatMap(samples), ...(this.#about.alerts?.() ?? [])]),
    ]);
    return own + seen;
  }

  #count(bus: Bus): void {
    const registers = [this.#registry];
    const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
      new Counter({ name, help, labelNames, registers });
    const runs = counter('maasha_check_runs_total', 'Finished runs by the state they came to.', [
      'region',
      'check',
      'state',
    ]);
    const failures = counter(
      'maasha_check_failures_total',
      'Runs that could not see everything, by the reason.',
      ['region', 'check', 'reason'],
    );
    const triggers = counter('maasha_check_triggers_total', 'Runs by what set them off.', [
      'region',
      'check',
      'trigger',
    ]);
    const overlaps = counter(
      'maasha_check_overlaps_total',
      'Requests dropped because the run before still went on.',
      ['region', 'check'],
    );
    const missed = counter(
      'maasha_schedule_missed_total',
      'Planned times that passed without a start.',
      ['check'],
    );
    const durations = new Histogram({
      name: 'maasha_check_duration_seconds',
      help: 'Wall time of a run.',
      labelNames: ['check'],
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
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
    bus.on('schedule.missed', ({ checks }) => {
      for (const check of checks) missed.inc({ check });
    });
  }

  #followConfig(bus: Bus): void {
    const registers = [this.#registry];
    const accepted = new Gauge({
      name: 'maasha_config_last_reload_successful',
      help: '1 when the newest configuration was accepted, 0 when it was refused and the one before is in force.',
      registers,
    });
    const since = new Gauge({
      name: 'maasha_config_last_reload_success_timestamp_seconds',
      help: 'When a configuration was last accepted.',
      registers,
    });
    bus.on('config.loaded', (event) => {
      accepted.set(Number(event.accepted));
      if (event.accepted) since.set(this.#clock.now() / 1000);
    });
  }

  #describe(): void {
    const registers = [this.#registry];
    new Gauge({
      name: 'maasha_build_info',
      help: 'Build of this monitor, always 1.',
      labelNames: ['version', 'runtime'],
      registers,
    }).set({ version: this.#about.version, runtime: `node ${process.versions.node}` }, 1);
    const { overdue } = this.#about;
    new Gauge({
      name: 'maasha_check_overdue',
      help: '1 while a check has not completed for longer than schedule and deadline explain.',
      labelNames: ['region', 'check'],
      registers,
      collect() {
        this.reset();
        for (const { region, check } of overdue()) this.set({ region, check }, 1);
      },
    });
    const clock = this.#clock;
    new Gauge({
      name: 'maasha_heartbeat_timestamp_seconds',
      help: 'Time of the monitor’s own clock at this scrape.',
      registers,
      collect() {
        this.set(clock.now() / 1000);
      },
    });
  }
}

/** A result's own observations and those that are true of every check. */
const samples = (result: CheckResult): readonly Sample[] =>
  [...universalObservations(result), ...result.observations].map((observation) => ({
    region: result.region,
    observation,
  }));
