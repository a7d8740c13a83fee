import type { Config } from '../config/load.ts';
import type { Check, CheckResult } from '../core/check.ts';
import type { World } from '../core/ports/ports.ts';
import type { Clock } from '../core/time.ts';
import { Bus } from './bus.ts';
import { allMetrics } from './catalogue.ts';
import { customise } from './customise.ts';
import { FACTS } from './facts/routes.ts';
import { Gate } from './gate.ts';
import { Latest } from './latest.ts';
import { fits, isOfMonitor } from './plan.ts';
import { probePage } from './probe-page.ts';
import { probeRoutes, ROOM } from './probe-routes.ts';
import { Prober } from './prober.ts';
import { Recorder } from './recorder.ts';
import { runbookReply } from './runbook-reply.ts';
import { HttpServer, json, text, Unavailable, type Place, type Places } from './server.ts';

/** What it is made of; everything that touches the world is handed in. */
export interface ProbeServerParts {
  readonly version: string;
  readonly checks: readonly Check[];
  readonly clock: Clock;
  readonly world: World;
  readonly onError: (error: unknown, where: string) => void;
}

const WHY_NOT =
  'this instance only probes (maasha run --probe-only): it keeps no results, alerts or silences; alerts and silences are those of Alertmanager, results are at /probe?region=…&check=…&debug=true';
const NOT_HERE: Place = {
  GET: () => json(404, { error: WHY_NOT }),
  POST: () => json(404, { error: WHY_NOT }),
};

interface Active {
  readonly config: Config;
  readonly prober: Prober;
}

/**
 * COMPOSITION ROOT of the mode without state. Data in: a configuration and the catalogue. Data out: the HTTP
 * face. Nothing is scheduled and nothing is written anywhere; results and what checks remember stay in RAM,
 * one of each for each check and region of the configuration.
 *
 *   GET /probe ─► Prober ─ invoke ─► Latest ─► check.completed ─► Recorder, whoever narrates
 */
export class ProbeServer {
  readonly bus: Bus;
  readonly latest = new Latest();
  readonly #parts: ProbeServerParts;
  readonly #life = new AbortController();
  readonly #gate = new Gate(ROOM);
  readonly #recorder: Recorder;
  readonly #server: HttpServer;
  #active: Active | undefined;
  /** When the runs of older configurations have ended. */
  #ended: Promise<unknown> = Promise.resolve();

  constructor(parts: ProbeServerParts) {
    this.#parts = parts;
    allMetrics(parts.checks);
    this.bus = new Bus((error, event) => {
      parts.onError(error, event.type);
    });
    this.#recorder = new Recorder(this.bus, parts.clock, {
      version: parts.version,
      // What is seen is told to whoever probes; here it would be told twice.
      results: () => [],
      overdue: () => [],
    });
    this.#server = new HttpServer(this.#places(), parts.onError);
  }

  /** Serves, and announces where. @throws when the address cannot be listened on. */
  async start(
    config: Config,
    announce: (address: string) => void = () => undefined,
  ): Promise<string> {
    try {
      const address = await this.#server.listen(config.listen);
      this.reload(config);
      announce(address);
      return address;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Puts another configuration in force. Probes under way end by the old one; what is remembered stays. */
  reload(config: Config): void {
    const { clock, world } = this.#parts;
    const checks = customise(this.#parts.checks, config.checks).filter(
      (check) => !isOfMonitor(check),
    );
    const prober = new Prober({
      checks,
      latest: this.latest,
      means: { clock, world, signal: this.#life.signal },
      gate: this.#gate,
      keep: (result) => {
        // One that was begun by an older configuration may be about what is gone.
        if (!this.#exists(result)) return;
        const before = this.latest.put(result);
        this.bus.publish({ type: 'check.completed', result, before });
      },
    });
    this.#ended = Promise.all([this.#ended, this.#active?.prober.idle()]);
    this.#active = { config, prober };
    this.latest.keep(this.#exists);
    this.bus.publish({ type: 'config.loaded', accepted: true, problems: [] });
  }

  async stop(): Promise<void> {
    this.#life.abort(new Error('the process was stopped'));
    await Promise.all([this.#ended, this.#active?.prober.idle()]);
    await this.#server.close();
    await this.#parts.world.close();
  }

  readonly #exists = ({ check: name, region: at }: CheckResult): boolean => {
    const check = this.#active?.prober.checks.find((each) => each.name === name);
    const region = this.#active?.config.regions.find((each) => each.name === at);
    return check !== undefined && region !== undefined && fits(check, region);
  };

  #places(): Places {
    const active = (): Active => {
      if (this.#active === undefined) throw new Unavailable('it is just starting');
      if (this.#life.signal.aborted) throw new Unavailable('it is being stopped');
      return this.#active;
    };
    const { clock } = this.#parts;
    const probing = () => {
      const { prober, config } = active();
      return { prober, regions: config.regions, clock, bus: this.bus };
    };
    const shown = () => {
      const { prober, regions } = probing();
      const results = this.latest.all().map(prober.present);
      return { checks: prober.checks, regions, results, clock };
    };
    return {
      '/': () => probePage(shown(), this.#gate),
      '/metrics': async ({ headers }) => ({
        status: 200,
        ...(await this.#recorder.metrics(headers.accept)),
      }),
      ...probeRoutes(probing),
      '/runbooks/*': (request) => runbookReply(request, shown()),
      // Who is answered sees that the loop turns; each run has a deadline of its own.
      '/healthz': () =>
        text(200, `ok\nruns under way: ${this.#gate.running}, waiting: ${this.#gate.waiting}`),
      '/readyz': () => text(200, `ready; regions: ${active().config.regions.length}`),
      '/status.json': NOT_HERE,
      '/api/*': NOT_HERE,
      [`${FACTS}/*/*`]: NOT_HERE,
    };
  }
}
