import { systemClock } from '../io/clock.ts';
import { openWorld } from '../io/world.ts';
import { VERSION } from '../core/version.ts';
import { ProbeServer } from '../runtime/probe-server.ts';
import { narrate, type Narrator } from './narrate.ts';
import { cannotServe, hasMoved, LISTEN_HAS_CHANGED, refusal, untilStopped } from './serving.ts';
import { setup, type Setup } from './setup.ts';

/** The channels' own files (tokens, passwords) need not even be there. */
const UNUSED = { alerting: 'unused' } as const;

/** `maasha run --probe-only`: answers probes until SIGINT or SIGTERM; SIGHUP reads the configuration again. */
export async function runProbeOnly(options: {
  readonly config?: string;
  readonly log: 'human' | 'json';
}): Promise<void> {
  const ready = await setup(options.config, UNUSED);
  const narrator = await narrate(options.log);
  const server = new ProbeServer({
    version: VERSION,
    checks: ready.catalogue,
    clock: systemClock,
    // The same servers are asked again and again; what nobody asks any more is closed after a while.
    world: openWorld(systemClock, { keepPostgres: true }),
    onError: (error, where) => {
      narrator.defect(error, where);
    },
  });
  narrator.follow(server.bus, server.latest);
  await server
    .start(ready.config, (address) => {
      for (const line of introduction(ready, address)) narrator.say(line);
    })
    .catch((error: unknown) => {
      throw cannotServe(ready.config, error);
    });
  await untilStopped(async () => {
    await reload(server, options.config, ready, narrator);
  });
  narrator.say('stopping');
  await server.stop();
}

function introduction({ config, notifiers }: Setup, address: string): readonly string[] {
  const { regions } = config;
  return [
    `probes only: nothing is scheduled and nothing is stored; Prometheus asks, by the targets at ${address}/sd`,
    `${regions.length} ${regions.length === 1 ? 'region' : 'regions'}: ${regions.map(({ name }) => name).join(', ')}`,
    ...(notifiers.length === 0
      ? []
      : [
          '`alerting:` is not used: no alerts, no channels, no dead man, no state; that is Alertmanager’s part',
        ]),
  ];
}

async function reload(
  server: ProbeServer,
  given: string | undefined,
  before: Setup,
  narrator: Narrator,
): Promise<void> {
  try {
    const next = await setup(given, UNUSED);
    if (hasMoved(before.config, next.config)) narrator.say(LISTEN_HAS_CHANGED);
    server.reload(next.config);
  } catch (error) {
    server.bus.publish(refusal(error));
  }
}
