import { describe, expect, it, test } from 'vitest';
import check from '../../checks/bmc.ts';
import { CheckFailure, type FailureCode } from '../../src/core/failure.ts';
import type { UdpPort } from '../../src/core/ports/exchange.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';
import { PONG } from './healthy-answers.ts';
import { echoes } from './healthy.ts';

/** An answer to Get Channel Authentication Capabilities with the monitor's sequence. */
const CAPABILITIES = Buffer.from(
  '0600ff0700000000000000000010811c6320a8380001970603000000005f',
  'hex',
);

type Said = Buffer | FailureCode;
/** What each controller says to a presence ping, and then to IPMI. */
type Controllers = Readonly<Record<string, readonly [presence: Said, ipmi?: Said]>>;

const controllers = (said: Controllers): UdpPort => ({
  ask: async ({ host }, { protocol, read }) => {
    const [presence, ipmi = 'timeout'] = said[host] ?? ['timeout'];
    const given = protocol === 'RMCP' ? presence : ipmi;
    if (typeof given === 'string')
      throw new CheckFailure(given, `${protocol} at ${host}: ${given}`);
    const result = read({ from: { host, port: 623 }, bytes: given });
    if (result === undefined) throw new CheckFailure('timeout', 'not understood');
    return result;
  },
});

const [A, B] = ['172.31.17.90', '172.31.17.91'] as const;
const bmcs = [
  { name: 'bmc1', address: A },
  { name: 'bmc2', address: B },
];

const look = (said: Controllers, { icmp = echoes(0), only = 2 } = {}): Promise<Ran> =>
  runCheck(
    check,
    region({
      clusters: [
        { name: 'maas4', address: '172.31.16.34', services: [], bmcs: bmcs.slice(0, only) },
      ],
    }),
    fakePorts({ udp: controllers(said), icmp }),
  );

const WELL: Controllers = { [A]: [PONG], [B]: [PONG] };

describe('power controllers', () => {
  it('that answer are all there', async () => {
    const { values, alerts } = await look(WELL);
    expect(values).toEqual({
      'maasha_bmc_up{cluster="maas4",bmc="bmc1"}': 1,
      'maasha_bmc_host_up{cluster="maas4",bmc="bmc1"}': 1,
      'maasha_bmc_up{cluster="maas4",bmc="bmc2"}': 1,
      'maasha_bmc_host_up{cluster="maas4",bmc="bmc2"}': 1,
      'maasha_bmcs_up{cluster="maas4"}': 2,
    });
    expect(alerts).toEqual([]);
  });

  it('that know no presence ping are asked what comes before a login', async () => {
    const { alerts, evidence } = await look({ ...WELL, [A]: ['timeout', CAPABILITIES] });
    expect(alerts).toEqual([]);
    expect(evidence[0]?.says).toMatch(/one to IPMI \(completion code 0\)/);
  });

  test.each<[string, FailureCode, number, number, RegExp]>([
    ['are gone', 'timeout', 0, 0, /no echo either/],
    ['have IPMI switched off', 'timeout', 2, 1, /IPMI over LAN may be switched off/],
    ['refuse', 'refused', 2, 1, /IPMI over LAN/],
    ['are behind no router', 'unreachable', 0, 0, /no echo either/],
  ])('that %s are told apart', async (_, code, received, host, words) => {
    const ran = await look({ ...WELL, [A]: [code, code] }, { icmp: echoes(received) });
    expect(ran.alerts).toEqual(['MaasHaBmcSilent maas4 bmc1']);
    expect(ran.values['maasha_bmc_host_up{cluster="maas4",bmc="bmc1"}']).toBe(host);
    expect(ran.evidence[0]?.says).toMatch(words);
  });

  it('that are all silent are one finding more: their network', async () => {
    const { alerts } = await look({});
    expect(alerts).toContain('MaasHaAllBmcsSilent maas4');
  });

  it('of which there is one say nothing about a network', async () => {
    const { alerts, inapplicable } = await look({}, { only: 1 });
    expect(alerts).toEqual(['MaasHaBmcSilent maas4 bmc1']);
    expect(inapplicable).toEqual(['maasha_bmcs_up{cluster="maas4"}']);
  });

  it('that send what is no RMCP are silent', async () => {
    const { alerts } = await look({ ...WELL, [A]: [Buffer.from('hello')] });
    expect(alerts).toEqual(['MaasHaBmcSilent maas4 bmc1']);
  });

  it('whose echo cannot be asked for are silent all the same', async () => {
    const icmp = { ping: () => Promise.reject(new CheckFailure('no_privilege', 'no raw socket')) };
    const { values, alerts } = await look({ ...WELL, [A]: ['timeout'] }, { icmp });
    expect(alerts).toEqual(['MaasHaBmcSilent maas4 bmc1']);
    expect(values).not.toHaveProperty('maasha_bmc_host_up{cluster="maas4",bmc="bmc1"}');
  });

  test.each<FailureCode>(['no_privilege', 'internal'])(
    'that cannot be asked (%s) are a gap',
    async (code) => {
      for (const said of [[code], ['timeout', code]] as const) {
        const { values, gaps } = await look({ [A]: said });
        expect(gaps).toMatchObject([{ subject: 'bmc1', failure: { code } }]);
        expect(values).not.toHaveProperty('maasha_bmcs_up{cluster="maas4"}');
      }
    },
  );
});

it('does not exist where no cluster names any', async () => {
  expect(check.absence?.(region())).toMatch(/no cluster names power controllers/);
  expect((await runCheck(check, region(), fakePorts())).skips).toHaveLength(1);
});
