import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DAEMONS, HOSTS, type Host } from './plan.ts';

/*
 * What runs in the lab besides PostgreSQL, pgpool, DNS and the stand-ins for MAAS: a file in `services/`
 * each, which brings all of it along. Data in: the lab's plan. Data out: packages, daemons with their files,
 * lines of the monitor's configuration, and what health takes.
 */

/** A region or cluster of the monitor's configuration, as plain YAML data that a service completes. */
export type Section = Record<string, unknown>;

export interface LabService {
  /** Debian's packages that it needs; none of their daemons is started by the distribution. */
  readonly packages?: readonly string[];
  /** Its daemons by host; each is started by the script `run` in its directory, which `write` makes. */
  readonly daemons: Readonly<Partial<Record<Host, readonly string[]>>>;
  /** Writes everything that its daemons read, with `writeDaemon` among it. */
  write(): void | Promise<void>;
  /** Done once the network is there and all is written, before anything starts: rules, further addresses. */
  networked?(): Promise<void>;
  /** Started only once the virtual address stands. */
  readonly late?: true;
  /** Daemons that the hook restarts on the node that takes the virtual address over. */
  readonly restarts?: readonly string[];
  /** What keeps it from being healthy, a sentence each; that its daemons run is looked at anyhow. */
  look?(): Promise<readonly string[]>;
  /** Completes the monitor's configuration of the region. */
  configure?(region: Section & { readonly clusters: Section[] }): void;
}

const load = async (): Promise<readonly LabService[]> => {
  const folder = join(import.meta.dirname, 'services');
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  const modules = files
    .sort()
    .map(async (file) => (await import(join(folder, file))) as { default: LabService });
  return (await Promise.all(modules)).map((module) => module.default);
};

export const SERVICES: readonly LabService[] = await load();

/** Every daemon of the lab, host by host. */
export const allDaemons = (): { host: Host; name: string }[] =>
  HOSTS.flatMap((host) =>
    [...DAEMONS[host], ...SERVICES.flatMap(({ daemons }) => daemons[host] ?? [])].map((name) => ({
      host,
      name,
    })),
  );

/** The daemons of all services that are started at this time: with the rest, or once the address stands. */
export const serviceDaemons = (when: 'early' | 'late'): { host: Host; name: string }[] =>
  SERVICES.filter(({ late }) => (late === true) === (when === 'late')).flatMap(({ daemons }) =>
    HOSTS.flatMap((host) => (daemons[host] ?? []).map((name) => ({ host, name }))),
  );
