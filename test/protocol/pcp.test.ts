import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import {
  encodeFrame,
  FAREWELL,
  loginDigest,
  loginRequest,
  MAX_FRAME_OCTETS,
  saltRequest,
  takeFrame,
  type PcpFrame,
} from '../../src/protocol/pcp.ts';
import { nodeCountRequest, nodeInfoRequest } from '../../src/protocol/pcp-backends.ts';
import { watchdogRequest } from '../../src/protocol/pcp-watchdog.ts';
import { golden, spoken, takeAll } from '../support/golden.ts';

interface Recorded {
  readonly exchanges: readonly { readonly name: string; readonly frames: readonly string[] }[];
}
const recorded = golden('pcp/4.3.5.json') as Recorded;

const frames = (name: string, from: string): readonly PcpFrame[] =>
  recorded.exchanges
    .find((exchange) => exchange.name === name)!
    .frames.map(spoken)
    .filter((line) => line.from === from)
    .flatMap((line) => takeAll(takeFrame, line.bytes).messages);

const failure = (act: () => unknown): CheckFailure => {
  try {
    act();
  } catch (error) {
    if (error instanceof CheckFailure) return error;
    throw error;
  }
  throw new Error('it did not fail');
};

describe('what was recorded from pgpool 4.3.5', () => {
  test.each(recorded.exchanges.flatMap(({ name, frames }) => frames.map((line) => [name, line])))(
    '%s: %s comes back byte for byte',
    (_, line) => {
      const { bytes } = spoken(line);
      const { messages, rest } = takeAll(takeFrame, bytes);
      expect(rest).toHaveLength(0);
      expect(Buffer.concat(messages.map(encodeFrame))).toEqual(Buffer.from(bytes));
    },
  );

  it('asks for salt, login, count and goodbye in the bytes of the real client', () => {
    const [salt] = frames('login and node count', 'S');
    const asked = [
      saltRequest.bytes,
      loginRequest('root', 'lab-pcp', salt!.body).bytes,
      nodeCountRequest.bytes,
      FAREWELL,
    ];
    expect(asked.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(
      recorded.exchanges[0]!.frames.map((line) => line.split(' '))
        .filter(([from]) => from === 'C')
        .map(([, hex]) => hex),
    );
  });

  it('reads salt, login and count', () => {
    const [salt, login, count] = frames('login and node count', 'S');
    expect(Buffer.from(saltRequest.read([salt!])!).toString('hex')).toBe('bc3d77e7');
    expect(loginRequest('root', 'lab-pcp', salt!.body).read([login!])).toBe(true);
    expect(nodeCountRequest.read([count!])).toBe(2);
  });

  it('asks for one backend in the bytes of the real client', () => {
    expect(Buffer.from(nodeInfoRequest(0).bytes).toString('hex')).toBe('49000000063000');
    expect(Buffer.from(nodeInfoRequest(-1).bytes).toString('hex')).toBe('49000000072d3100');
    expect(Buffer.from(watchdogRequest.bytes).toString('hex')).toBe('57000000072d3100');
  });

  test.each([
    { password: 'lab-pcp', salt: 'bc3d77e7', digest: '2af5023f1bb5db10e891c4ae948df624' },
    { password: 'lab-pcp', salt: '841ebf00', digest: 'a638c0e182b7f16afefa224e78266994' },
  ])('proves the password to salt $salt with $digest', ({ password, salt, digest }) => {
    expect(loginDigest('root', password, Buffer.from(salt, 'hex'))).toBe(digest);
  });

  it('calls a refused login auth, with the words of pgpool', () => {
    const login = loginRequest('root', 'no', new Uint8Array(4));
    const refused = failure(() => login.read(frames('wrong password', 'S')));
    expect(refused.code).toBe('auth');
    expect(refused.message).toContain('authentication failed for user "root"');
    expect(refused.facts).toEqual({ answered: true, fatal: true });
  });

  it('keeps what an ERROR says, and that it was an answer', () => {
    const refused = failure(() => nodeInfoRequest(9).read(frames('bad node id', 'S')));
    expect(refused.code).toBe('protocol');
    expect(refused.message).toBe('PCP node info: informing node info failed: invalid node ID : 9');
    expect(refused.facts).toEqual({ answered: true, fatal: false });
  });
});

describe('answers of other versions', () => {
  const reply = (type: string, ...parts: string[]): PcpFrame => ({
    type,
    body: new TextEncoder().encode(parts.map((part) => `${part}\0`).join('')),
  });

  it('reads the error text of 3.3 and 3.4', () => {
    const refused = failure(() => nodeInfoRequest(9).read([reply('e', 'Invalid node ID: 9')]));
    expect(refused.message).toBe('PCP node info: Invalid node ID: 9');
    expect(refused.facts).toEqual({ answered: true, fatal: false, plain: true });
  });

  it('reads the failed login of 3.3', () => {
    const login = loginRequest('root', 'no', new Uint8Array(4));
    const refused = failure(() =>
      login.read([reply('r', 'AuthenticationFailed', 'username and/or password do not match')]),
    );
    expect(refused.code).toBe('auth');
  });

  it('makes hostile text of an error harmless', () => {
    const refused = failure(() =>
      nodeInfoRequest(9).read([reply('e', `\u001b[2J\nall is well${'x'.repeat(9999)}`)]),
    );
    expect(refused.message).toContain('\\x1b[2J\\x0aall is well');
    expect(refused.message.length).toBeLessThan(300);
  });

  it('takes an answer with the wrong letter for a broken protocol', () => {
    expect(failure(() => nodeCountRequest.read([reply('w', 'CommandComplete', '2')])).code).toBe(
      'protocol',
    );
  });
});

describe('takeFrame', () => {
  const frame = fc.record({
    type: fc.constantFrom('M', 'R', 'L', 'I', 'W', 'E'),
    body: fc.uint8Array({ maxLength: 300 }),
  });

  it('gives back what was encoded, however the bytes were split', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (sent, sizes) => {
          const bytes = new Uint8Array(Buffer.concat(sent.map(encodeFrame)));
          const { messages, rest } = takeAll(takeFrame, bytes, sizes);
          expect(messages).toEqual(sent);
          expect(rest).toHaveLength(0);
        },
      ),
    );
  });

  it('answers arbitrary bytes with frames or with `protocol`', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          takeAll(takeFrame, bytes);
        } catch (error) {
          expect(error).toMatchObject({ name: 'CheckFailure', code: 'protocol' });
        }
      }),
    );
  });

  it('reads any answer as a value or as a failure of the protocol', () => {
    const answer = fc.record({
      type: fc.constantFrom('m', 'r', 'l', 'i', 'w', 'E', 'e', 'x'),
      body: fc.oneof(
        fc.uint8Array({ maxLength: 80 }),
        fc
          .array(
            fc.oneof(
              fc.constantFrom('CommandComplete', 'ArraySize', 'NodeInfo', '1', '2', '-1', '{}'),
              fc.string(),
            ),
            { maxLength: 14 },
          )
          .map((parts) => new TextEncoder().encode(parts.map((part) => `${part}\0`).join(''))),
      ),
    });
    const requests = [
      saltRequest,
      loginRequest('root', 'x', new Uint8Array(4)),
      nodeCountRequest,
      nodeInfoRequest(-1),
      watchdogRequest,
    ];
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 4 }), (answers) => {
        for (const request of requests) {
          try {
            request.read(answers);
          } catch (error) {
            expect(error).toBeInstanceOf(CheckFailure);
            expect(['protocol', 'auth', 'version']).toContain((error as CheckFailure).code);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['an HTTP answer', Buffer.from('HTTP/1.1 400 Bad Request\r\n')],
    ['a length that does not count itself', Buffer.from('6d00000003', 'hex')],
    [
      'a length beyond the bound',
      encodeFrame({ type: 'w', body: new Uint8Array(MAX_FRAME_OCTETS) }),
    ],
  ])('refuses %s', (_, bytes) => {
    expect(failure(() => takeFrame(new Uint8Array(bytes))).code).toBe('protocol');
  });
});
