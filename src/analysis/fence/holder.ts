import { toFailure } from '../../core/failure.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { Region } from '../../core/region.ts';
import { seconds } from '../../core/time.ts';
import { hostnameOf } from '../dns/zone.ts';
import { readMarker } from '../owner/marker.ts';
import { nodeNamed } from '../owner/names.ts';
import { attempt } from '../pgpool/look.ts';

/*
 * Which node is the active one, asked right before and right after the fence is looked at: what an active node
 * does is only wrong of a passive one, and a takeover takes less time than the pause between two checks.
 */

const QUICK = { timeout: seconds(1.5) };

/**
 * The node that holds the address; undefined: nobody says, or they say different ones. `thorough`: the pgpools are
 * asked in any case, who show two that have taken it. Then each is active behind a fence of its own.
 */
export async function holderOf(
  region: Region,
  io: Ports,
  { thorough }: { readonly thorough: boolean },
): Promise<string | undefined> {
  const [said, claims] = await Promise.all([
    Promise.all([byMarker(region, io), byDns(region, io)]),
    thorough ? byPcp(region, io) : [],
  ]);
  const named = [...said, ...claims].filter((node) => node !== undefined);
  const found = new Set(named.length > 0 || thorough ? named : await byPcp(region, io));
  const [holder] = found;
  return found.size === 1 ? holder : undefined;
}

/** Whether anything that is configured can ever tell. */
export const canTellHolder = ({ marker, dns, pgpool }: Region): boolean =>
  marker !== undefined || dns !== undefined || pgpool?.pcp !== undefined;

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

async function byMarker({ marker, vip, nodes }: Region, io: Ports): Promise<string | undefined> {
  if (marker === undefined) return undefined;
  const url = `http://${bracketed(vip)}:${marker.port}${marker.path}`;
  const said = readMarker(
    await io.http.get(url, { ...QUICK, maxBytes: 4096 }).catch(toFailure),
    nodes,
  );
  return 'node' in said ? said.node : undefined;
}

async function byDns({ dns, vip, nodes }: Region, io: Ports): Promise<string | undefined> {
  if (dns === undefined) return undefined;
  const question = { name: 'hostname.bind', type: 'TXT', class: 'CH' } as const;
  const options = { ...QUICK, transport: 'tcp' } as const;
  const reply = await attempt(io.dns.query({ host: vip, port: dns.masterPort }, question, options));
  const name = reply.known ? hostnameOf(reply.value) : undefined;
  return name === undefined ? undefined : nodeNamed(nodes, name);
}

/** Those that say of themselves that they have taken it. */
async function byPcp({ pgpool, nodes }: Region, io: Ports): Promise<readonly string[]> {
  const pcp = pgpool?.pcp;
  if (pcp === undefined) return [];
  const asked = await Promise.all(
    nodes.map(async ({ name, address }) => {
      const session = await attempt(io.pcp.login({ host: address, ...pcp }, QUICK));
      const view = session.known ? await attempt(session.value.watchdogInfo(QUICK)) : session;
      return view.known && 'escalated' in view.value && view.value.escalated ? [name] : [];
    }),
  );
  return asked.flat();
}
