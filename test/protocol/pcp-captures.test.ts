import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import type { WatchdogPeer } from '../../src/core/ports/pcp.ts';
import {
  encodeFrame,
  FAREWELL,
  loginRequest,
  saltRequest,
  strings,
  takeFrame,
  type PcpFrame,
  type PcpRequest,
} from '../../src/protocol/pcp.ts';
import { nodeCountRequest, nodeInfoRequest } from '../../src/protocol/pcp-backends.ts';
import { isOldEnd, memberRequest, viewOfMembers } from '../../src/protocol/pcp-watchdog-members.ts';
import { watchdogRequest } from '../../src/protocol/pcp-watchdog.ts';
import { takeAll } from '../support/golden.ts';

interface Captured {
  readonly name: string;
  readonly exchange: readonly { readonly from: 'client' | 'server'; readonly hex: string }[];
}

/**
 * What the real clients and the real pgpool of a version said to each other: pairs with a watchdog on a
 * PostgreSQL primary and its standby. 4.3.5 is Debian's, recorded in the lab; the others were built from
 * their sources.
 */
const VERSIONS = [
  ...['3.3.22', '3.4.26', '3.5.28', '3.7.26', '4.1.23', '4.2.24', '4.4.17', '4.6.7'].map(
    (version) => [version, `../golden/pcp/pgpool-${version}.json`] as const,
  ),
  ['4.3.5', '../lab/captures/pcp-4.3.5.json'],
] as const;

const read = (file: string): readonly Captured[] =>
  JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as readonly Captured[];

const decode = (hex: string): readonly PcpFrame[] => {
  const { messages, rest } = takeAll(takeFrame, new Uint8Array(Buffer.from(hex, 'hex')));
  expect(rest).toHaveLength(0);
  return messages;
};

/** Every question of the client with the server's answers to it. */
const turns = (exchange: Captured['exchange']) => {
  const found: { readonly asked: PcpFrame; readonly answers: PcpFrame[] }[] = [];
  for (const { from, hex } of exchange)
    for (const frame of decode(hex))
      if (from === 'client') found.push({ asked: frame, answers: [] });
      else found.at(-1)?.answers.push(frame);
  return found;
};

const LETTERS = ['M', 'R', 'L', 'I', 'W'] as const;

const isOld = (version: string): boolean => /^3\.[34]\./.test(version);

/** Our own request for what the real client asked; undefined for what we never ask. */
function ours({ type, body }: PcpFrame, version: string): PcpRequest<unknown> | undefined {
  const text = Buffer.from(body).toString().replace('\0', '');
  switch (LETTERS.find((letter) => letter === type)) {
    case 'M':
      return saltRequest;
    case 'L':
      return nodeCountRequest;
    case 'I':
      return nodeInfoRequest(Number(text));
    case 'W':
      return isOld(version) ? memberRequest(Number(text)) : watchdogRequest;
    case 'R':
    case undefined:
      return undefined;
  }
}

describe.each(VERSIONS)('what was captured from pgpool %s', (version, file) => {
  const captured = read(file);

  it('is not empty', () => {
    expect(captured.length).toBeGreaterThan(0);
    for (const { exchange } of captured) expect(exchange.length).toBeGreaterThan(0);
  });

  it.each(captured)('$name comes back byte for byte', ({ exchange }) => {
    for (const { hex } of exchange)
      expect(Buffer.concat(decode(hex).map(encodeFrame)).toString('hex')).toBe(hex.toLowerCase());
  });

  it.each(captured)('$name is asked in our bytes, and we understand the answer', ({ exchange }) => {
    let salt: Uint8Array = new Uint8Array();
    for (const { asked, answers } of turns(exchange)) {
      if (asked.type === 'M') salt = answers[0]!.body;
      const mine =
        asked.type === 'R' ? loginRequest('root', 'lab-pcp', salt) : ours(asked, version);
      if (mine === undefined) continue;
      const refused = answers.some(isRefusal);
      // The real client asks for the watchdog by other numbers, and was given a wrong password once.
      const isSame = asked.type === 'R' ? !refused : asked.type !== 'W' || isOld(version);
      if (isSame) expect(hex(mine.bytes)).toBe(hex(encodeFrame(asked)));
      understand(mine, asked, answers);
    }
  });

  it('ends with our goodbye wherever the client says one', () => {
    const goodbyes = captured
      .flatMap(({ exchange }) => turns(exchange))
      .filter(({ asked }) => asked.type === 'X');
    for (const { asked } of goodbyes)
      expect(Buffer.from(encodeFrame(asked))).toEqual(Buffer.from(FAREWELL));
  });
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function understand(
  mine: PcpRequest<unknown>,
  asked: PcpFrame,
  answers: readonly PcpFrame[],
): void {
  // Only node info ever stays without an answer: when a backend hangs.
  if (answers.length === 0) expect(asked.type).toBe('I');
  else if (answers.some(isRefusal)) expect(() => mine.read(answers)).toThrow(CheckFailure);
  else expect(mine.read(answers)).toBeDefined();
}

/** An error, or what 3.3 and 3.4 say to a wrong password. */
const isRefusal = ({ type, body }: PcpFrame): boolean =>
  type.toUpperCase() === 'E' || (type === 'r' && !strings(body).includes('AuthenticationOK'));

describe.each(VERSIONS.filter(([version]) => version !== '4.3.5'))(
  'of the pair with pgpool %s',
  (version, file) => {
    const captured = read(file);
    const answersTo = (name: string, type: string): readonly PcpFrame[] =>
      turns(captured.find((each) => each.name === name)!.exchange).find(
        ({ asked }) => asked.type === type,
      )!.answers;
    const knowsRoles = !/^3\.[3-6]\./.test(version);

    test.each([
      ['node info of 0', 0, '172.31.16.32', 'waiting', knowsRoles ? 'primary' : 'unknown'],
      ['node info of 1', 1, '172.31.16.33', 'waiting', knowsRoles ? 'standby' : 'unknown'],
      [
        'node info of a detached one',
        1,
        '172.31.16.33',
        'down',
        knowsRoles ? 'standby' : 'unknown',
      ],
    ])('%s', (name, index, host, state, role) => {
      const [seen, ...others] = nodeInfoRequest(index).read(answersTo(name, 'I'))!;
      expect(seen).toMatchObject({ host, port: 5432, state, role, weight: 0.5 });
      expect(others).toEqual([]);
      if (/^4\.[3-6]\./.test(version))
        expect(seen).toMatchObject({ actualState: 'up', actualRole: role });
      else expect(seen).not.toHaveProperty('actualState');
    });

    it('refuses a number that no backend has, and can go on', () => {
      const answers = answersTo('bad node id', 'I');
      expect(() => nodeInfoRequest(9).read(answers)).toThrow(
        expect.objectContaining({
          code: 'protocol',
          facts: expect.objectContaining({ answered: true, fatal: false }) as object,
        }),
      );
    });

    it('calls a wrong password auth', () => {
      const answers = answersTo('wrong password', 'R');
      expect(() => loginRequest('root', 'lab-pcp', new Uint8Array(4)).read(answers)).toThrow(
        expect.objectContaining({ code: 'auth' }),
      );
    });

    it.runIf(isOld(version))('the watchdog, member by member', () => {
      const member = (name: string, index: number): WatchdogPeer =>
        memberRequest(index).read(answersTo(name, 'W'))!;
      const peers = [member('watchdog of leader', 0), member('watchdog peer 0', 1)];
      expect(viewOfMembers(peers)).toMatchObject({
        leaderHost: '172.31.16.32',
        quorum: 'unknown',
        aliveRemoteNodes: 1,
        peers: [
          { host: '172.31.16.32', state: 'leader', pgpoolPort: 9999, watchdogPort: 9000 },
          { host: '172.31.16.33', state: 'standby' },
        ],
      });
      const end = caught(() => memberRequest(2).read(answersTo('watchdog peer 1', 'W')));
      expect(isOldEnd(end)).toBe(true);
    });

    it.runIf(!isOld(version))('the watchdog, as the leader and as the standby have it', () => {
      const [leader, standby] = ['watchdog of leader', 'watchdog of standby'].map((name) =>
        watchdogRequest.read(answersTo(name, 'W'))!,
      );
      // The pgpool 3.5 of the first node came second.
      const leads = version.startsWith('3.5') ? '172.31.16.33' : '172.31.16.32';
      for (const [view, first] of [
        [leader, '172.31.16.32'],
        [standby, '172.31.16.33'],
      ] as const)
        expect(view).toMatchObject({
          quorum: 'exists',
          leaderHost: leads,
          escalated: first === leads,
          remoteNodes: 1,
          peers: [
            { host: first, state: first === leads ? 'leader' : 'standby' },
            { state: first === leads ? 'standby' : 'leader' },
          ],
        });
      expect(leader?.requiredForQuorum).toBe(/^4\.[3-6]\./.test(version) ? 1 : undefined);
    });
  },
);

function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
