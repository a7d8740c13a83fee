import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import {
  isLoopback,
  nameserversIn,
  type Proxy,
  type Resolved,
  type Surroundings,
} from '../core/alert-path.ts';
import { seconds, type Clock, type Seconds } from '../core/time.ts';

/** Where this host's way to others is written down; a test has its own. */
export interface Sources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The resolver's configuration, and what systemd-resolved keeps of the servers that it asks. */
  readonly resolvConf: string;
  readonly upstream: string;
  /** All addresses of a host name, as every program on this host finds them. @throws when there is none. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
}

const SYSTEM: Sources = {
  environment: process.env,
  resolvConf: '/etc/resolv.conf',
  upstream: '/run/systemd/resolve/resolv.conf',
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
};

const LIMIT = seconds(10);

/**
 * The addresses of these hosts, and what else decides how this host reaches others. What does not
 * resolve, or not within `limit` for all together, has no addresses. It never throws.
 */
export async function resolverFacts(
  hosts: readonly string[],
  clock: Clock,
  { limit = LIMIT, ...given }: Partial<Sources> & { readonly limit?: Seconds } = {},
): Promise<{ readonly hosts: readonly Resolved[]; readonly surroundings: Surroundings }> {
  const sources = { ...SYSTEM, ...given };
  const proxies = proxiesIn(sources.environment);
  const names = [...new Set([...hosts, ...proxies.map(({ host }) => host)])];
  const addresses = await resolveAll(names, sources.resolve, clock, limit);
  const resolved = (host: string): Resolved => ({ host, addresses: addresses.get(host) ?? [] });
  return {
    hosts: [...new Set(hosts)].map(resolved),
    surroundings: {
      ...nameservers(sources),
      proxies: proxies.map(({ variable, host }): Proxy => ({ variable, at: resolved(host) })),
      noProxy: read(sources.environment, 'no_proxy')?.value ?? '',
    },
  };
}

/**
 * One after the other: the system's resolver cannot be interrupted, and each question that hangs
 * holds one of the few threads that everything else of Node needs too.
 */
async function resolveAll(
  hosts: readonly string[],
  resolve: Sources['resolve'],
  clock: Clock,
  limit: Seconds,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  const state = { over: false };
  const all = async (): Promise<void> => {
    for (const host of hosts) {
      if (state.over) return;
      try {
        found.set(host, await resolve(host));
      } catch {
        // It stays without addresses.
      }
    }
  };
  await new Promise<void>((done) => {
    const end = (): void => {
      state.over = true;
      done();
    };
    const cancel = clock.after(limit, end);
    void all().then(() => {
      cancel();
      end();
    });
  });
  // What comes after the deadline is not to change what was told already.
  return new Map(found);
}

/** The name servers that are asked in the end; a forwarder on this host is looked behind where possible. */
function nameservers({ resolvConf, upstream }: Sources): Omit<Surroundings, 'proxies' | 'noProxy'> {
  const named = nameserversIn(textOf(resolvConf));
  // resolv.conf(5): where none is named, the one on this host is asked.
  const listed = named.length === 0 ? ['127.0.0.1'] : named;
  const forwarders = listed.filter(isLoopback);
  // systemd-resolved listens on these two, and writes down whom it asks.
  const stubs = forwarders.filter((each) => ['127.0.0.53', '127.0.0.54'].includes(each));
  const behind = stubs.length === 0 ? [] : nameserversIn(textOf(upstream)).filter(isRemote);
  return {
    nameservers: [...new Set([...listed.filter(isRemote), ...behind])],
    forwarders:
      behind.length === 0 ? forwarders : forwarders.filter((each) => !stubs.includes(each)),
  };
}

const isRemote = (address: string): boolean => !isLoopback(address);

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The proxies of the environment by their host names; a value that is no URL names nobody. */
function proxiesIn(
  environment: Sources['environment'],
): readonly { readonly variable: string; readonly host: string }[] {
  return ['http_proxy', 'https_proxy', 'all_proxy'].flatMap((name) => {
    const found = read(environment, name);
    if (found === undefined) return [];
    const { variable, value } = found;
    const text = value.includes('://') ? value : `http://${value}`;
    // `hostname` leaves out the account and the password that may stand there.
    const host = URL.canParse(text) ? new URL(text).hostname.replace(/^\[|\]$/g, '') : '';
    return host === '' ? [] : [{ variable, host }];
  });
}

/** A variable in small letters or, failing that, in capitals. */
function read(
  environment: Sources['environment'],
  name: string,
): { readonly variable: string; readonly value: string } | undefined {
  for (const variable of [name, name.toUpperCase()]) {
    const value = environment[variable];
    if (value !== undefined && value !== '') return { variable, value };
  }
  return undefined;
}
