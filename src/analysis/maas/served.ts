import type { Ports } from '../../core/ports/ports.ts';
import { slavesOf, type Region } from '../../core/region.ts';
import { seconds } from '../../core/time.ts';
import type { Served } from './sequence.ts';

const LIMIT = { timeout: seconds(1.5), tries: 2 };

/** The SOA mailbox that every version of MAAS writes: zones of others have serials of their own. */
const BY_MAAS = 'nobody.example.com';

/**
 * The serials of MAAS's zones that the slaves have: none may be beyond what the sequence has handed out. A server
 * that does not answer is no witness; that it does not is told by others.
 */
export async function servedSerials(region: Region, io: Ports): Promise<readonly Served[]> {
  const { dns } = region;
  if (dns === undefined) return [];
  const asked = slavesOf(region).flatMap(({ name: server, address: host }) =>
    dns.zones.map(async (zone): Promise<readonly Served[]> => {
      const at = { host, port: dns.slavePort };
      const { answers, authoritative } = await io.dns.query(at, { name: zone, type: 'SOA' }, LIMIT);
      return answers.flatMap((answer) =>
        authoritative && answer.type === 'SOA' && isByMaas(answer.soa.mailbox)
          ? [{ server, zone, serial: answer.soa.serial }]
          : [],
      );
    }),
  );
  const settled = await Promise.allSettled(asked);
  return settled.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
}

const isByMaas = (mailbox: string): boolean => mailbox.toLowerCase().replace(/\.$/, '') === BY_MAAS;
