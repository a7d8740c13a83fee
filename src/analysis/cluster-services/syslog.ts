import { EXCHANGE, type Served, type Service } from './service.ts';
import { toFailure } from '../../core/failure.ts';
import type { Ports } from '../../core/ports/ports.ts';
import { seconds } from '../../core/time.ts';

const UDP_PORT = 514;
/** No message, and so none that anybody would find in a log: rsyslog and syslog-ng pass over it. */
const NOTHING = new Uint8Array();
/** A refusal comes at once, or not at all. */
const REFUSAL = { timeout: seconds(1) };

/**
 * Over TCP a connection, which is closed at once. Over UDP syslog never answers (RFC 5426): only that nobody
 * listens can be heard, by ICMP, and where that is not heard nothing is known.
 */
export const syslog: Service = {
  title: 'syslog',
  look: async ({ tcp, udp }, { address: host, probes }) => {
    const port = probes?.syslogTcpPort;
    if (port === undefined) return lookOverUdp(udp, host);
    await tcp.connect({ host, port }, EXCHANGE);
    return { says: `accepts connections at port ${port}` };
  },
};

async function lookOverUdp(udp: Ports['udp'], host: string): Promise<Served> {
  try {
    return await udp.ask<Served>(
      { host, port: UDP_PORT },
      { protocol: 'syslog', bytes: NOTHING, read: () => undefined },
      REFUSAL,
    );
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code !== 'timeout') throw failure;
    const says =
      'over UDP it never answers, and nothing refused it (`probes.syslog_tcp_port` makes it knowable)';
    return { says, unheard: true };
  }
}
