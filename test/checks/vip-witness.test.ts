import { describe, expect, it, test } from 'vitest';
import check from '../../checks/vip-witness.ts';
import { CheckFailure, FAILURE_CODES, type FailureCode } from '../../src/core/failure.ts';
import type { ArpPort } from '../../src/core/ports/arp.ts';
import type { HttpPort } from '../../src/core/ports/network.ts';
import type { Region } from '../../src/core/region.ts';
import { seconds } from '../../src/core/time.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';

const [RC1, RC2, VIP, GATEWAY] = ['172.31.16.32', '172.31.16.33', '172.31.16.39', '172.31.16.1'];
const [ONE, TWO] = ['02:00:ac:1f:10:20', '02:00:ac:1f:10:21'];
const STRANGER = '02:00:00:00:00:99';

type Answers = Readonly<Record<string, readonly string[] | 'own' | FailureCode>>;

/** A wire where the nodes answer for their own addresses and rc1 for the VIP, except for what is said. */
function wire(changes: Answers = {}): ArpPort & { readonly asked: string[] } {
  const answers: Answers = { [RC1]: [ONE], [RC2]: [TWO], [VIP]: [ONE], ...changes };
  const asked: string[] = [];
  return {
    asked,
    whoHas: async (address, { interface: name }) => {
      asked.push(`${address} on ${name}`);
      const answer = answers[address] ?? [];
      if (answer === 'own') return { macs: [], own: true };
      if (typeof answer === 'string') throw new CheckFailure(answer, `it is ${answer}`);
      return { macs: answer, own: false };
    },
  };
}

const look = (arp: ArpPort, changes: Partial<Region> = {}, memory?: unknown) =>
  runCheck(check, region({ interface: 'eth0', ...changes }), fakePorts({ arp }), { memory });

const claims = (rc1: number, rc2: number, witness = 'arp') => ({
  [`maasha_vip_claim{witness="${witness}",node="rc1"}`]: rc1,
  [`maasha_vip_claim{witness="${witness}",node="rc2"}`]: rc2,
});
const counts = (responders: number, strangers: number) => ({
  'maasha_vip_arp_responders{}': responders,
  'maasha_vip_arp_strangers{}': strangers,
});
const saying = ({ evidence }: Awaited<ReturnType<typeof look>>): string =>
  evidence.map(({ subject, says }) => `${subject}: ${says}`).join('\n');

describe('who answers on the wire', () => {
  it('is the node whose own MAC it is', async () => {
    const arp = wire();
    const ran = await look(arp);
    expect(ran.values).toEqual({ ...counts(1, 0), ...claims(1, 0) });
    expect([ran.alerts, ran.gaps, ran.skips]).toEqual([[], [], []]);
    expect(saying(ran)).toBe(`arp: rc1 (${ONE}) answers for the virtual address`);
    expect(arp.asked.toSorted()).toEqual([RC1, RC2, VIP].map((each) => `${each} on eth0`));
  });

  it('are two nodes', async () => {
    const ran = await look(wire({ [VIP]: [ONE, TWO] }));
    expect(ran.values).toEqual({ ...counts(2, 0), ...claims(1, 1) });
    expect(ran.alerts).toEqual(['MaasHaVipDuplicate']);
    expect(saying(ran)).toContain(`rc1 (${ONE}) and rc2 (${TWO}) answer`);
  });

  it('is nobody, while a node answers for itself', async () => {
    const ran = await look(wire({ [VIP]: [] }));
    expect(ran.values).toEqual({ ...counts(0, 0), ...claims(0, 0) });
    expect([ran.alerts, ran.skips]).toEqual([[], []]);
  });

  it('is a node beside a machine that is none', async () => {
    const ran = await look(wire({ [VIP]: [ONE, STRANGER] }));
    expect(ran.values).toEqual({ ...counts(2, 1), ...claims(1, 0) });
    expect(ran.alerts).toEqual(['MaasHaVipDuplicate', 'MaasHaVipStranger']);
    expect(saying(ran)).toContain(`a machine that is no node: MAC ${STRANGER}`);
  });

  it('is a machine that is no node, alone', async () => {
    const ran = await look(wire({ [VIP]: [STRANGER] }));
    expect(ran.values).toEqual({ ...counts(1, 1), ...claims(0, 0) });
    expect(ran.alerts).toEqual(['MaasHaVipStranger']);
  });

  it('is a router that answers for others, named by what else it answers for', async () => {
    const arp = wire({ [VIP]: [ONE, STRANGER], [GATEWAY]: [STRANGER] });
    const ran = await look(arp);
    expect(saying(ran)).toContain(`a machine that also answers for ${GATEWAY}: proxy ARP`);
    expect(ran.alerts).toContain('MaasHaVipStranger');
    // The trusted servers are asked only when there is somebody to be named.
    expect(arp.asked).toContain(`${GATEWAY} on eth0`);
  });

  it('is a router that answers for both nodes, too', async () => {
    const all = { [RC1]: [ONE, STRANGER], [RC2]: [TWO, STRANGER], [VIP]: [ONE, STRANGER] };
    const ran = await look(wire(all));
    expect(ran.values).toEqual({ ...counts(2, 1), ...claims(1, 0) });
    expect(saying(ran)).toContain('a machine that also answers for rc1 and rc2: proxy ARP');
  });

  it('is one node, though it answers by two interfaces', async () => {
    const both = [ONE, '02:00:ac:1f:10:aa'];
    const ran = await look(wire({ [RC1]: both, [VIP]: both }));
    expect(ran.values).toEqual({ ...counts(1, 0), ...claims(1, 0) });
    expect(ran.alerts).toEqual([]);
  });

  it('is the holder of a virtual router, of whom the MAC does not say which node it is', async () => {
    const ran = await look(wire({ [VIP]: ['00:00:5e:00:01:33'] }));
    expect(ran.values).toEqual(counts(1, 0));
    expect(ran.alerts).toEqual([]);
    expect(saying(ran)).toMatch(/virtual router 51 \(VRRP\).*\n.*does not tell nodes apart/);
    const also = await look(wire({ [VIP]: [ONE, '00:00:5e:00:01:33'] }));
    expect(also.values).toEqual({ ...counts(1, 0), ...claims(1, 0) });
  });

  it('is this machine, where the monitor runs on the node itself', async () => {
    const ran = await look(wire({ [RC1]: 'own', [VIP]: 'own' }));
    expect(ran.values).toEqual({ ...counts(1, 0), ...claims(1, 0) });
    expect(saying(ran)).toContain('rc1 (this machine)');
    const strange = await look(wire({ [VIP]: 'own' }));
    expect(strange.alerts).toEqual(['MaasHaVipStranger']);
  });
});

describe('whose MAC it is', () => {
  const configured = {
    nodes: [
      { name: 'rc1', address: RC1, mac: ONE },
      { name: 'rc2', address: RC2, mac: TWO },
    ],
  };

  it('is said by the configuration, even of a node that is silent', async () => {
    const ran = await look(wire({ [RC1]: [], [RC2]: [], [VIP]: [TWO] }), configured);
    expect(ran.values).toEqual({ ...counts(1, 0), ...claims(0, 1) });
  });

  it('is said by the configuration, not by what answers; that they differ is told', async () => {
    const ran = await look(wire({ [RC1]: [STRANGER], [VIP]: [STRANGER] }), configured);
    expect(ran.alerts).toEqual(['MaasHaVipStranger']);
    expect(saying(ran)).toContain(`the configuration says ${ONE}`);
  });

  it('is remembered of a node that has fallen silent', async () => {
    const { memory } = await look(wire());
    const later = wire({ [RC2]: [], [VIP]: [TWO] });
    expect((await look(later, {}, memory)).values).toEqual({ ...counts(1, 0), ...claims(0, 1) });
  });

  it('is not guessed: as long as one node is not known, nobody is called a stranger', async () => {
    const ran = await look(wire({ [RC2]: [], [VIP]: [TWO] }));
    expect(ran.values).toEqual({ 'maasha_vip_arp_responders{}': 1 });
    expect(ran.alerts).toEqual([]);
    expect(saying(ran)).toContain(`a machine that may be rc2: MAC ${TWO}`);
    const both = await look(wire({ [RC2]: 'timeout', [VIP]: [ONE, TWO] }));
    expect(both.alerts).toEqual(['MaasHaVipDuplicate']);
  });

  test.each([null, 7, { macs: 1 }, { macs: { rc2: ['<b>'] } }, { macs: { rc2: [] } }])(
    'is not taken from a memory of %j',
    async (memory) => {
      const ran = await look(wire({ [RC2]: [], [VIP]: [TWO] }), {}, memory);
      expect(ran.values).toEqual({ 'maasha_vip_arp_responders{}': 1 });
    },
  );
});

describe('a wire that cannot be looked at', () => {
  test.each(['no_privilege', 'config', 'unreachable'] as const)(
    'is skipped, with its reason: %s',
    async (code) => {
      const ran = await look(wire({ [VIP]: code, [RC1]: code, [RC2]: code }));
      expect(ran.skips).toEqual([{ kind: 'skip', subject: 'arp', code, reason: `it is ${code}` }]);
      expect([ran.values, ran.gaps]).toEqual([{}, []]);
    },
  );

  test.each(FAILURE_CODES)('keeps what was learnt, and says nothing: %s', async (code) => {
    const { memory } = await look(wire());
    const ran = await look(wire({ [VIP]: code, [RC1]: code, [RC2]: code }), {}, memory);
    expect(ran.values).toEqual({});
    expect(ran.inapplicable).toEqual([]);
    expect(ran.memory).toEqual(memory);
    expect(ran.gaps.length + ran.skips.length).toBe(1);
  });

  it('is one on which neither the address nor a node is', async () => {
    const ran = await look(wire({ [VIP]: [], [RC1]: [], [RC2]: [] }));
    expect(ran.values).toEqual({});
    expect(ran.skips).toMatchObject([{ subject: 'arp', code: 'unreachable' }]);
    expect(ran.skips[0]?.reason).toContain('eth0');
  });

  it('is none for a node of which it could not be asked', async () => {
    const ran = await look(wire({ [RC2]: 'timeout' }));
    expect(ran.values).toEqual({ ...counts(1, 0), ...claims(1, 0) });
  });
});

describe('the marker', () => {
  /** A page's text, its status, or a code of a failure. */
  type Pages = Readonly<Record<string, string | number>>;
  const marker = { port: 8080, path: '/node' };

  const pages = (told: Pages): HttpPort & { readonly asked: string[] } => {
    const asked: string[] = [];
    return {
      asked,
      get: async (url) => {
        asked.push(url);
        const page = told[new URL(url).hostname.replaceAll(/[[\]]/g, '')] ?? 404;
        if (FAILURE_CODES.includes(page as FailureCode))
          throw new CheckFailure(page as FailureCode, `it is ${page}`);
        const [status, body] = typeof page === 'number' ? [page, '<html>'] : [200, page];
        return { status, headers: {}, body, took: seconds(0.01) };
      },
    };
  };
  const ask = (http: HttpPort, changes: Partial<Region> = {}) =>
    runCheck(check, region({ marker, ...changes }), fakePorts({ http }));
  const whole = { [RC1]: 'rc1\n', [RC2]: 'rc2\n' };

  it('names the node that answers at the virtual address', async () => {
    const http = pages({ ...whole, [VIP]: 'rc2\n' });
    const ran = await ask(http);
    expect(ran.values).toEqual(claims(0, 1, 'marker'));
    expect([ran.alerts, ran.gaps, ran.skips]).toEqual([[], [], []]);
    expect(saying(ran)).toBe('marker: rc2 answers at the virtual address');
    expect(http.asked.toSorted()).toEqual(
      [RC1, RC2, VIP].map((host) => `http://${host}:8080/node`),
    );
  });

  test.each(['RC2', 'rc2.example.org', '  rc2  '])('may be written %j', async (text) => {
    expect((await ask(pages({ ...whole, [VIP]: text }))).values).toEqual(claims(0, 1, 'marker'));
  });

  it('is asked by IPv6, too', async () => {
    const http = pages({ ...whole, '2001:db8::39': 'rc1' });
    const ran = await ask(http, { vip: '2001:db8::39', interface: 'eth0' });
    expect(ran.values).toEqual(claims(1, 0, 'marker'));
    expect(http.asked).toContain('http://[2001:db8::39]:8080/node');
  });

  it('is silent with the address: that is told elsewhere', async () => {
    const ran = await ask(pages({ ...whole, [VIP]: 'refused' }));
    expect([ran.values, ran.gaps]).toEqual([{}, []]);
    expect(saying(ran)).toContain('no answer at the virtual address (refused)');
  });

  test.each([
    [{ ...whole, [VIP]: 404 }, 'answers with status 404'],
    [{ ...whole, [VIP]: 'It works!' }, 'says "It works!", which is no node’s name'],
    [{ ...whole, [VIP]: '' }, 'says ""'],
    [{ ...whole, [VIP]: '\u001b[31m'.repeat(50) }, '\\x1b'],
    [{ ...whole, [VIP]: 'protocol' }, 'it is protocol'],
    [{ [RC1]: 'rc1', [RC2]: 'rc1', [VIP]: 'rc1' }, 'rc2 says of itself that it is rc1'],
  ] as const)('proves nothing where it is wrong: %j', async (told, message) => {
    const ran = await ask(pages(told));
    expect(ran.values).toEqual({});
    expect(ran.gaps).toHaveLength(1);
    expect(ran.gaps[0]?.failure.message).toContain(message.replace('’', "'"));
  });

  it('may be missing on a node, which is told', async () => {
    const ran = await ask(pages({ ...whole, [RC2]: 503, [VIP]: 'rc1' }));
    expect(ran.values).toEqual(claims(1, 0, 'marker'));
    expect(saying(ran)).toContain('rc2: has no working marker: answers with status 503');
  });

  it('is all there is where the wire is not looked at, and of that nothing is wrong any more', async () => {
    const ran = await ask(pages({ ...whole, [VIP]: 'rc1' }));
    expect(ran.inapplicable).toContain('maasha_vip_arp_responders{}');
    expect(ran.inapplicable).toContain('maasha_vip_arp_strangers{}');
  });
});

describe('a region', () => {
  test.each([
    ['with neither', {}, true],
    ['with an interface', { interface: 'eth0' }, false],
    ['with an interface, and an address of IPv6', { interface: 'eth0', vip: '2001:db8::39' }, true],
    ['with a marker', { marker: { port: 80, path: '/' } }, false],
  ] as const)('%s', async (_, changes, absent) => {
    expect(check.absence?.(region(changes)) !== undefined).toBe(absent);
  });
});
