import { CheckFailure } from '../../src/core/failure.ts';
import type { StreamPort, UdpPort } from '../../src/core/ports/exchange.ts';
import { describeSource, type Fact, type FactsPort } from '../../src/core/ports/facts.ts';
import { FakeClock } from '../support/clock.ts';
import { LOGIN_ANSWER, TARGETS_ANSWER } from '../support/iscsi-answers.ts';
import { pgError } from '../support/postgres-login.ts';
import { UUID_4 } from './healthy-region.ts';

/* What is said over TCP and UDP, and what others know, while all is well. */

/** pgpool's words to whoever its pool_hba.conf does not let in. */
export const NOT_LET_IN = pgError(
  'XX000',
  'client authentication failed',
  'no pool_hba.conf entry',
);

/** What speaks first, or at once to what is said first, by protocol. */
const SAID: Readonly<Record<string, Uint8Array>> = {
  PostgreSQL: NOT_LET_IN,
  iSCSI: Buffer.concat([LOGIN_ANSWER, TARGETS_ANSWER]),
};

export const streams = (said = SAID): StreamPort => ({
  talk: async (_, { protocol, step }) => {
    let next = step(said[protocol] ?? new Uint8Array());
    while (next !== undefined && next.result === undefined) next = step(next.rest);
    if (next?.result === undefined) throw new CheckFailure('timeout', `nobody speaks ${protocol}`);
    return next.result;
  },
});

/** Of a power controller, that it is there and speaks IPMI; as OpenIPMI's simulator sends it. */
export const PONG = Buffer.from('0600ff06000011be402a0010000011be000000008100000000000000', 'hex');

/** What a server sends back from a port of its own, by protocol: the first block of a file. */
const ANSWERS: Readonly<Record<string, Uint8Array>> = {
  TFTP: Buffer.from([0, 3, 0, 1, 0x50, 0x58, 0x45]),
  RMCP: PONG,
};

export const datagrams = (answers = ANSWERS): UdpPort => ({
  ask: async ({ host }, { protocol, read }) => {
    const bytes = answers[protocol];
    const result = bytes && read({ from: { host, port: 40_000 }, bytes });
    if (result === undefined) throw new CheckFailure('timeout', `nobody answers ${protocol}`);
    return result;
  },
});

/** What a node says of its own fence. */
export const fenceReport = (changes: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    check: 'fencing',
    region: 'maas3',
    startedAt: new Date(new FakeClock().now()).toISOString(),
    observations: [],
    ...changes,
  });

/** What others know, by where it stands in the words of `describeSource`. */
const TOLD: Readonly<Record<string, Fact>> = {
  'the file /srv/backup/maas4/maas_cluster.conf': {
    text: `MAAS_URL=http://172.31.16.39/MAAS\nCLUSTER_UUID="${UUID_4}"\n`,
    at: new FakeClock().now() / 1000 - 3600,
  },
  'the file /etc/puppet/common.yaml': { text: '---\nmaas::primary: rc1\n' },
  'what is pushed as fence-rc1': {
    text: fenceReport({ inapplicable: [{ metric: 'maasha_fence_open', labels: { node: 'rc1' } }] }),
  },
  'what is pushed as fence-rc2': {
    text: fenceReport({
      observations: [{ metric: 'maasha_fence_open', labels: { node: 'rc2' }, value: 0 }],
    }),
  },
};

export const facts = (told = TOLD): FactsPort => ({
  read: async (source) => told[describeSource(source)],
});
