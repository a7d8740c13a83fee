import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  decodePairs,
  encodePairs,
  loginRequest,
  logoutRequest,
  readAnswer,
  sendTargets,
} from '../../src/protocol/iscsi.ts';
import { LOGIN_ANSWER, TARGET, TARGETS_ANSWER } from '../support/iscsi-answers.ts';

const COUNTERS = { commandSn: 1, expStatSn: 7 };
const header = (pdu: Uint8Array): string => Buffer.from(pdu.subarray(0, 48)).toString('hex');
/** What follows the header, without what fills it up. */
const data = (pdu: Uint8Array): Uint8Array =>
  pdu.subarray(48, 48 + Buffer.from(pdu).readUIntBE(5, 3));

describe('requests', () => {
  it('log in to a discovery session in one step, without digests', () => {
    const pdu = loginRequest('iqn.x', COUNTERS);
    // Immediate login; transit from stage 1 to 3; our ISID, no TSIH; task 1; connection 0; the counters.
    expect(header(pdu)).toBe(
      `43870000000000${Buffer.from([data(pdu).length]).toString('hex')}806d61610000000000000001000000000000000100000007${'00'.repeat(16)}`,
    );
    expect(Object.fromEntries(decodePairs(data(pdu)))).toMatchObject({
      InitiatorName: 'iqn.x',
      SessionType: 'Discovery',
      HeaderDigest: 'None',
      DataDigest: 'None',
    });
  });

  it('ask for all targets, and with a tag for what is left of them', () => {
    const first = sendTargets(COUNTERS);
    expect(header(first)).toBe(
      `4480${'00'.repeat(5)}10${'00'.repeat(8)}00000001ffffffff0000000100000007${'00'.repeat(16)}`,
    );
    expect(decodePairs(data(first))).toEqual([['SendTargets', 'All']]);
    const more = sendTargets(COUNTERS, 5);
    expect(Buffer.from(more).readUInt32BE(20)).toBe(5);
    expect(data(more)).toHaveLength(0);
  });

  it('log out', () => {
    expect(header(logoutRequest(COUNTERS))).toBe(
      `4680${'00'.repeat(14)}00000001${'00'.repeat(4)}0000000100000007${'00'.repeat(16)}`,
    );
  });

  it('are filled up to whole words, and count modulo 2^32', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40 }), fc.nat(), (name, statSn) => {
        const counters = { commandSn: 1, expStatSn: 0xffff_ffff + 1 + statSn };
        const pdu = loginRequest(name, counters);
        expect(pdu.length % 4).toBe(0);
        expect(Buffer.from(pdu).readUInt32BE(28)).toBe(statSn >>> 0);
      }),
    );
  });
});

describe('readAnswer', () => {
  it('reads what a real portal answers to a login', () => {
    expect(readAnswer(LOGIN_ANSWER)).toMatchObject({
      answer: { kind: 'login', isFinal: true, statusClass: 0, statusDetail: 0, statSn: 0 },
      rest: Buffer.alloc(0),
    });
  });

  it('reads the targets that a real portal offers', () => {
    const { answer } = readAnswer(TARGETS_ANSWER) ?? {};
    expect(answer).toMatchObject({
      kind: 'text',
      isFinal: true,
      continues: false,
      transferTag: 0xffff_ffff,
    });
    expect(decodePairs(answer?.data ?? new Uint8Array())).toEqual([
      ['TargetName', TARGET],
      ['TargetAddress', '172.31.16.34:3260,1'],
    ]);
  });

  it('waits for every byte of it, and leaves what follows', () => {
    const both = Buffer.concat([LOGIN_ANSWER, TARGETS_ANSWER]);
    for (let length = 0; length < LOGIN_ANSWER.length; length += 1)
      expect(readAnswer(both.subarray(0, length))).toBeUndefined();
    expect(Buffer.from(readAnswer(both)?.rest ?? []).equals(TARGETS_ANSWER)).toBe(true);
  });

  it('says why a login is refused', () => {
    const refused = Buffer.from(LOGIN_ANSWER);
    refused[36] = 2;
    refused[37] = 1;
    expect(readAnswer(refused)?.answer).toMatchObject({ statusClass: 2, statusDetail: 1 });
  });

  it('passes over additional headers', () => {
    const longer = Buffer.concat([
      LOGIN_ANSWER.subarray(0, 48),
      Buffer.alloc(8, 255),
      LOGIN_ANSWER.subarray(48),
    ]);
    longer[4] = 2;
    const { answer, rest } = readAnswer(longer) ?? {};
    expect(decodePairs(answer?.data ?? new Uint8Array())[0]).toEqual(['TargetPortalGroupTag', '1']);
    expect(rest).toHaveLength(0);
  });

  test.each([
    ['another protocol', Buffer.from('SSH-2.0-OpenSSH_6.6.1p1 Ubuntu\r\n')],
    ['a request', Buffer.from(loginRequest('iqn.x', COUNTERS))],
    [
      'one that announces too much',
      Buffer.concat([Buffer.from('2387000000ffffff', 'hex'), Buffer.alloc(40)]),
    ],
  ])('refuses %s', (_, given) => {
    expect(() => readAnswer(given)).toThrow(/no iSCSI answer|expected at most 8192/);
  });

  it('throws nothing but a failure, and never takes more than there is', () => {
    const opcode = fc.constantFrom(0x20, 0x23, 0x24, 0x26, 0x32, 0x3f, 0x63);
    fc.assert(
      fc.property(opcode, fc.uint8Array({ maxLength: 300 }), (first, more) => {
        const given = Buffer.from([first, ...more]);
        try {
          const next = readAnswer(given);
          if (next !== undefined) expect(next.rest.length).toBeLessThanOrEqual(given.length - 48);
        } catch (error) {
          expect(error).toMatchObject({ name: 'CheckFailure', code: 'protocol' });
        }
      }),
    );
  });
});

describe('pairs', () => {
  it('come back as they were sent', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9.:-]{1,30}$/);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(word, fc.stringMatching(/^[A-Za-z0-9=.:,-]{0,30}$/))),
        (pairs) => {
          expect(decodePairs(encodePairs(pairs))).toEqual(pairs);
        },
      ),
    );
  });

  it('are left out where they are none', () => {
    expect(decodePairs(Buffer.from('a=1\0noise\0=2\0\0b=\0'))).toEqual([
      ['a', '1'],
      ['b', ''],
    ]);
  });
});
