import type { Config } from '../config/load.ts';
import type { Check, CheckResult } from '../core/check.ts';
import type { World } from '../core/ports/ports.ts';
import { seconds, type Clock, type Seconds } from '../core/time.ts';
import { Bus } from './bus.ts';
import { asOfNow } from './freshness.ts';
import { allMetrics } from './catalogue.ts';
import { customise } from './customise.ts';
import type { Means } from './invoke.ts';
import { Latest } from './latest.ts';
import { OverdueWatch } from './overdue.ts';
import { Recorder } from './recorder.ts';
import { routes } from './routes.ts';
import { Runner } from './runner.ts';
import { longestInterval, Schedule } from './schedule.ts';
import { HttpServer } from './server.ts';

/** What a monitor is made of; everything that touches the world is handed in. */
export interface Parts {
  readonly title: string;
  readonly version: string;
  readonly checks: readonly Check[];
  readonly clock: Clock;
  readonly world: World;
  readonly onError: (error: unknown, where: string) => void;
}

/** What one configuration sets in motion, and what ends with it. */
interface Active {
  readonly config: Config;
  readonly checks: readonly Check[];
  /** How long a result of each check may be shown as the present. */
  readonly lifetimes: ReadonlyMap<string, Seconds>;
  readonly runner: Runner;
  readonly schedule: Schedule;
  readonly overdue: OverdueWatch;
}

/**
 * COMPOSITION ROOT of the service. Data in: a configuration and the catalogue. Data out: events on
 * the bus and the HTTP face.
 *
 *   Schedule ─ check.requested ─► Runner ─ invoke ─► check.completed ─► Recorder, OverdueWatch, …
 */
export class Monitor {
  readonly bus: Bus;
  readonly latest = new Latest();
  readonly #parts: Parts;
  readonly #life = new AbortController();
  readonly #server: HttpServer;
  readonly #recorder: Recorder;
  #active: Active | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    allMetrics(parts.checks);
    this.bus = new Bus((error, event) => {
      parts.onError(error, event.type);
    });
    this.#recorder = new Recorder(this.bus, parts.clock, {
      version: parts.version,
      results: () => this.latest.all().map(this.#present),
      overdue: () => this.#active?.overdue.overdue() ?? [],
    });
    this.#server = new HttpServer(
      routes(() => this.#sources()),
      parts.onError,
    );
  }

  /** Serves, announces where, and starts to watch. @throws when the address cannot be listened on. */
  async start(
    config: Config,
    announce: (address: string) => void = () => undefined,
  ): Promise<string> {
    try {
      const address = await this.#server.listen(config.listen);
      announce(address);
      this.#active = this.#activate(config);
      return address;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Puts another configuration in force. Runs under way end first; what was seen and remembered stays. */
  async reload(config: Config): Promise<void> {
    await this.#quiesce();
    const names = new Set(config.regions.map(({ name }) => name));
    const checks = new Set(customise(this.#parts.checks, config.checks).map(({ name }) => name));
    this.latest.keep((result) => names.has(result.region) && checks.has(result.check));
    this.#active = this.#activate(config);
  }

  async stop(): Promise<void> {
    this.#life.abort(new Error('the monitor was stopped'));
    await this.#quiesce();
    await this.#server.close();
    await this.#parts.world.close();
  }

  #activate(config: Config): Active {
    const { clock } = this.#parts;
    const checks = customise(this.#parts.checks, config.checks);
    const planned = config.regions.flatMap((region) => checks.map((check) => ({ check, region })));
    const active = {
      config,
      checks,
      lifetimes: lifetimes(checks),
      runner: new Runner(checks, this.bus, this.latest, this.#means(), this.#present),
      overdue: new OverdueWatch(planned, longestInterval, this.bus, clock),
      schedule: new Schedule(planned, this.bus, clock),
    };
    this.bus.publish({ type: 'config.loaded', accepted: true, problems: [] });
    for (const { check, region } of planned)
      if (check.needs === undefined)
        this.bus.publish({ type: 'check.requested', check, region, trigger: 'startup' });
    return active;
  }

  /** No new runs, and none under way; what the last configuration showed stays visible. */
  async #quiesce(): Promise<void> {
    this.#active?.overdue.stop();
    await this.#active?.schedule.stop();
    await this.#active?.runner.stop();
  }

  #means(): Means {
    return { clock: this.#parts.clock, world: this.#parts.world, signal: this.#life.signal };
  }

  readonly #present = (result: CheckResult): CheckResult =>
    asOfNow(
      result,
      this.#parts.clock.now(),
      this.#active?.lifetimes.get(result.check) ?? seconds(0),
    );

  #sources() {
    const active = this.#active;
    if (active === undefined) return undefined;
    return {
      title: this.#parts.title,
      checks: active.checks,
      regions: active.config.regions,
      latest: this.latest,
      results: this.latest.all().map(this.#present),
      recorder: this.#recorder,
      overdue: active.overdue,
      clock: this.#parts.clock,
      means: this.#means(),
    };
  }
}

/** Three planned runs: then a result is history. A derived check's lives as long as what it needs. */
function lifetimes(checks: readonly Check[]): ReadonlyMap<string, Seconds> {
  const found = new Map<string, Seconds>();
  for (const { name, needs, every, timeout } of checks) {
    const needed = (needs ?? []).map((need) => found.get(need) ?? 0);
    const own = 3 * longestInterval(every) + timeout;
    found.set(name, seconds(needs === undefined ? own : Math.max(own, ...needed)));
  }
  return found;
}
