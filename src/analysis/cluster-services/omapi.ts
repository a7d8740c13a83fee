import { EXCHANGE, type Service } from './service.ts';
import { OMAPI_PORT, takeGreeting } from '../../protocol/omapi.ts';

/** dhcpd greets whoever connects; nothing is said to it. */
export const omapi: Service = {
  title: 'OMAPI',
  look: async ({ stream }, { address, probes }) => {
    const { version } = await stream.talk(
      { host: address, port: probes?.omapiPort ?? OMAPI_PORT },
      { protocol: 'OMAPI', step: takeGreeting },
      EXCHANGE,
    );
    return { says: `dhcpd greets on its control port (version ${version})` };
  },
};
