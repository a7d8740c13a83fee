import { describe, expect, it, test } from 'vitest';
import { encodeFrame, takeFrame, type PcpFrame } from '../../src/protocol/pcp.ts';
import { nodeInfoRequest } from '../../src/protocol/pcp-backends.ts';
import { isOldEnd, memberRequest, viewOfMembers } from '../../src/protocol/pcp-watchdog-members.ts';
import { decodeWatchdog, watchdogRequest } from '../../src/protocol/pcp-watchdog.ts';
import { golden, spoken, takeAll } from '../support/golden.ts';

const recorded = golden('pcp/4.3.5.json') as {
  readonly exchanges: readonly { readonly name: string; readonly frames: readonly string[] }[];
  readonly watchdog: string;
};

const reply = (type: string, ...parts: string[]): PcpFrame => ({
  type,
  body: new TextEncoder().encode(parts.map((part) => `${part}\0`).join('')),
});

describe('node info', () => {
  const answer = recorded.exchanges
    .find(({ name }) => name === 'node info of one backend')!
    .frames.map(spoken)
    .filter(({ from }) => from === 'S')
    .flatMap(({ bytes }) => takeAll(takeFrame, bytes).messages);

  it('reads the three frames of 4.3', () => {
    expect(nodeInfoRequest(0).read(answer)).toEqual([
      {
        host: '172.31.16.32',
        port: 5432,
        state: 'up',
        role: 'primary',
        actualState: 'up',
        actualRole: 'primary',
        weight: 0.5,
        delayBytes: 0,
        changedAt: 1795432288,
      },
    ]);
  });

  test.each([0, 1, 2])('waits for more after %i frames', (count) => {
    expect(nodeInfoRequest(0).read(answer.slice(0, count))).toBeUndefined();
  });

  it('reads a server that is down, as it was recorded', () => {
    const down = '172.31.16.33 5432 3 0 down 1073741823.500000 3 unknown 0   1795432288'.split(' ');
    const [backend] = nodeInfoRequest(1).read([
      reply('i', 'ArraySize', '1'),
      reply('i', 'NodeInfo', ...down),
      reply('i', 'CommandComplete'),
    ])!;
    expect(backend).toMatchObject({
      state: 'down',
      role: 'standby',
      actualState: 'down',
      actualRole: 'unknown',
    });
  });

  test.each([
    {
      version: '3.3',
      fields: ['db', '5432', '1', '1073741823.5'],
      seen: { host: 'db', port: 5432, state: 'waiting', role: 'unknown', weight: 0.5 },
    },
    {
      version: '3.7',
      fields: ['db', '5432', '3', '1', '0.000000', '3'],
      seen: { host: 'db', port: 5432, state: 'quarantine', role: 'standby', weight: 0 },
    },
    {
      version: '4.0',
      fields: ['db', '5432', '2', '0', '0.000000', '2', '176', '1795432288'],
      seen: {
        ...{ host: 'db', port: 5432, state: 'up', role: 'primary', weight: 0 },
        delayBytes: 176,
        changedAt: 1795432288,
      },
    },
    {
      version: '4.1',
      fields: ['db', '5432', '0', '0', '0.000000', '0', '0', 'streaming', 'async', '0'],
      seen: { host: 'db', port: 5432, state: 'unused', role: 'main', weight: 0, delayBytes: 0 },
    },
  ])('reads the fields of $version', ({ fields, seen }) => {
    expect(nodeInfoRequest(0).read([reply('i', 'CommandComplete', ...fields)])).toEqual([seen]);
  });

  it('takes the delay of 4.4 for octets only when it is no time', () => {
    const fields = (isTime: string): string[] => [
      'db',
      '5432',
      '2',
      '0',
      'up',
      '0.000000',
      '3',
      'standby',
      isTime,
      '900',
      '',
      '',
      '1',
    ];
    const read = (isTime: string) =>
      nodeInfoRequest(-1).read([
        reply('i', 'ArraySize', '1'),
        reply('i', 'NodeInfo', ...fields(isTime)),
        reply('i', 'CommandComplete'),
      ])![0]!.delayBytes;
    expect([read('0'), read('1')]).toEqual([900, undefined]);
  });

  test.each([
    ['a number of fields that no version has', ['db', '5432', '2', '0', '1']],
    ['a port that is no number', ['db', 'x', '2', '0.5']],
    ['a status that is no number', ['db', '5432', '', '0.5']],
  ])('refuses %s', (_, fields) => {
    expect(() => nodeInfoRequest(0).read([reply('i', 'CommandComplete', ...fields)])).toThrow(
      expect.objectContaining({ code: 'protocol' }),
    );
  });

  it('refuses a list that is shorter than announced', () => {
    expect(() =>
      nodeInfoRequest(-1).read([reply('i', 'ArraySize', '2'), reply('i', 'CommandComplete')]),
    ).toThrow(expect.objectContaining({ code: 'protocol' }));
  });

  it('refuses a list without an end', () => {
    const endless = Array.from({ length: 300 }, () => reply('i', 'NodeInfo'));
    expect(() => nodeInfoRequest(-1).read([reply('i', 'ArraySize', '1'), ...endless])).toThrow(
      expect.objectContaining({ code: 'protocol' }),
    );
  });
});

describe('watchdog info', () => {
  it('reads what a healthy leader of 4.3.5 sends, in a frame of the recorded length', () => {
    const frame = reply('w', 'CommandComplete', recorded.watchdog);
    expect(Buffer.from(encodeFrame(frame)).toString('hex', 0, 5)).toBe('77000002bc');
    expect(watchdogRequest.read([frame])).toEqual({
      quorum: 'exists',
      escalated: true,
      leaderHost: '172.31.16.33',
      remoteNodes: 1,
      aliveRemoteNodes: 1,
      requiredForQuorum: 1,
      peers: [
        {
          host: '172.31.16.33',
          name: '172.31.16.33:9999 Linux vm',
          state: 'leader',
          delegateIp: '172.31.16.39',
          pgpoolPort: 9999,
          watchdogPort: 9000,
        },
        expect.objectContaining({ host: '172.31.16.32', state: 'standby' }),
      ],
    });
  });

  const view = (changes: object): string =>
    JSON.stringify({ ...(JSON.parse(recorded.watchdog) as object), ...changes });

  it('reads the Master keys of 3.5 to 4.1', () => {
    const old = JSON.parse(recorded.watchdog) as Record<string, unknown>;
    for (const key of Object.keys(old))
      if (/^(Leader|Member|NodesRequire)/.test(key)) Reflect.deleteProperty(old, key);
    expect(
      decodeWatchdog(JSON.stringify({ ...old, MasterHostName: '172.31.16.32' })),
    ).toMatchObject({ leaderHost: '172.31.16.32', quorum: 'exists' });
  });

  it('names no leader while there is none', () => {
    const seen = decodeWatchdog(view({ LeaderHostName: 'Not Set', QuorumStatus: -2 }));
    expect(seen).not.toHaveProperty('leaderHost');
    expect(seen.quorum).toBe('unknown');
  });

  it('leaves out the member that does not exist', () => {
    const nobody = { HostName: 'Not_Set', NodeName: 'Not_Set', DelegateIP: 'Not_Set', State: -1 };
    const members = [{ ID: -1, ...nobody, PgpoolPort: 0, WdPort: 0 }];
    expect(decodeWatchdog(view({ WatchdogNodes: members })).peers).toEqual([]);
  });

  test.each([
    [1, 'exists'],
    [0, 'edge'],
    [-1, 'absent'],
    [7, 'unknown'],
  ])('reads the quorum %i as %s', (status, quorum) => {
    expect(decodeWatchdog(view({ QuorumStatus: status })).quorum).toBe(quorum);
  });

  test.each([
    '',
    'null',
    '[]',
    '{}',
    '{"WatchdogNodes":[]}',
    view({ WatchdogNodes: [1] }),
    view({ Escalated: 'YES' }),
  ])('refuses %j', (json) => {
    expect(() => decodeWatchdog(json)).toThrow(expect.objectContaining({ code: 'protocol' }));
  });

  it('is not what 3.4 sends for one member', () => {
    const old = reply('w', 'CommandComplete', '172.31.16.32', '9999', '9000', '3');
    expect(() => watchdogRequest.read([old])).toThrow(
      expect.objectContaining({ code: 'protocol' }),
    );
  });

  it('keeps the error of a headless pgpool as an answer', () => {
    const error = reply(
      'E',
      ...['SERROR', 'CXX000', 'MPCP: informing watchdog info failed'],
      ...['Dinvalid watchdog index', 'Fpcp_worker.c', 'L1', ''],
    );
    expect(() => watchdogRequest.read([error])).toThrow(
      expect.objectContaining({
        message: 'PCP watchdog info: PCP: informing watchdog info failed: invalid watchdog index',
        facts: { answered: true, fatal: false },
      }),
    );
  });
});

describe('a watchdog member of 3.3 and 3.4', () => {
  const member = (...fields: string[]) =>
    memberRequest(1).read([reply('w', 'CommandComplete', ...fields)]);

  test.each([
    ['0', 'shutdown'],
    ['1', 'initializing'],
    ['2', 'standby'],
    ['3', 'leader'],
    ['4', 'dead'],
    ['9', 'unknown'],
  ])('with the status %s is %s', (status, state) => {
    expect(member('db1', '9999', '9000', status)).toEqual({
      ...{ host: 'db1', name: 'db1:9999', state },
      ...{ pgpoolPort: 9999, watchdogPort: 9000 },
    });
  });

  test.each([
    ['no status', ['db1', '9999', '9000']],
    ['a port that is none', ['db1', 'x', '9000', '3']],
    ['JSON', ['{}']],
    ['more than there is', ['db1', '9999', '9000', '3', '1']],
    ['nothing', []],
  ])('is refused with %s', (_, fields) => {
    expect(() => member(...fields)).toThrow(expect.objectContaining({ code: 'protocol' }));
  });

  it('ends in the words of 3.3 and 3.4, not in those of a headless later one', () => {
    const said = (...error: readonly [string, ...string[]]): unknown => {
      try {
        return memberRequest(1).read([reply(error[0], ...error.slice(1))]);
      } catch (thrown) {
        return thrown;
      }
    };
    expect(isOldEnd(said('e', 'Invalid watchdog index'))).toBe(true);
    expect(isOldEnd(said('e', 'watchdog not enabled'))).toBe(false);
    expect(
      isOldEnd(said('E', 'SERROR', 'Minforming watchdog info failed', 'Dinvalid watchdog index')),
    ).toBe(false);
    expect(isOldEnd(new Error('invalid watchdog index'))).toBe(false);
  });

  it('names no leader where none is', () => {
    const view = viewOfMembers([member('db1', '9999', '9000', '2')!]);
    expect(view).not.toHaveProperty('leaderHost');
    expect(view).not.toHaveProperty('escalated');
  });
});
