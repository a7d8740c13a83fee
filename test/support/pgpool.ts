import check from '../../checks/pgpool-watchdog.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import type {
  BackendView,
  PcpPort,
  WatchdogState,
  WatchdogView,
} from '../../src/core/ports/pcp.ts';
import { seconds } from '../../src/core/time.ts';
import { fakePorts } from './ports.ts';
import { region } from './region.ts';
import { runCheck, type Ran } from './run-check.ts';

const ADDRESS = { rc1: '172.31.16.32', rc2: '172.31.16.33' } as const;
export type Name = keyof typeof ADDRESS;

/** What one pgpool answers; a failure in place of an answer is thrown. */
export interface Told {
  readonly login?: CheckFailure;
  readonly watchdog: WatchdogView | CheckFailure;
  readonly backends: readonly BackendView[] | CheckFailure;
}

export const view = (
  self: Name,
  states: Readonly<Record<Name, WatchdogState>>,
  changes: Partial<WatchdogView> = {},
): WatchdogView => {
  const leader = (Object.keys(states) as Name[]).find((name) => states[name] === 'leader');
  const other = self === 'rc1' ? 'rc2' : 'rc1';
  return {
    quorum: 'exists',
    escalated: leader === self,
    ...(leader === undefined ? {} : { leaderHost: ADDRESS[leader] }),
    remoteNodes: 1,
    aliveRemoteNodes: 1,
    peers: [self, other].map((name) => ({
      host: ADDRESS[name as Name],
      name,
      state: states[name as Name],
      delegateIp: '172.31.16.39',
      pgpoolPort: 9999,
      watchdogPort: 9000,
    })),
    ...changes,
  };
};

export const backend = (name: Name, changes: Partial<BackendView> = {}): BackendView => ({
  host: ADDRESS[name],
  port: 5432,
  state: 'up',
  role: name === 'rc1' ? 'primary' : 'standby',
  actualState: 'up',
  actualRole: name === 'rc1' ? 'primary' : 'standby',
  weight: 0.5,
  ...changes,
});

export const HEALTHY = { rc1: 'leader', rc2: 'standby' } as const;
export const healthy: Readonly<Record<Name, Told>> = {
  rc1: { watchdog: view('rc1', HEALTHY), backends: [backend('rc1'), backend('rc2')] },
  rc2: {
    watchdog: view('rc2', HEALTHY),
    backends: [backend('rc1', { state: 'waiting' }), backend('rc2', { state: 'waiting' })],
  },
};

const give = <T>(told: T | CheckFailure): Promise<T> =>
  told instanceof CheckFailure ? Promise.reject(told) : Promise.resolve(told);

export const ask = (told: Readonly<Record<Name, Told>>, where = region()): Promise<Ran> => {
  const pcp: PcpPort = {
    login: ({ host }) => {
      const of = told[host === ADDRESS.rc1 ? 'rc1' : 'rc2'];
      if (of.login !== undefined) return Promise.reject(of.login);
      return Promise.resolve({
        took: seconds(0.01),
        nodeCount: () => Promise.resolve(2),
        watchdogInfo: () => give(of.watchdog),
        nodeInfo: () => give(of.backends),
      });
    },
  };
  return runCheck(check, where, fakePorts({ pcp }));
};

export const fails = (
  code: CheckFailure['code'],
  message = code as string,
  answered = false,
): CheckFailure => new CheckFailure(code, message, answered ? { facts: { answered: true } } : {});
export const NO_ANSWER = fails('timeout');
export const W_ERROR = fails(
  'protocol',
  'informing watchdog info failed: invalid watchdog index',
  true,
);

export const said = (ran: Ran): string =>
  ran.evidence.map(({ subject, says }) => `${subject} ${says}`).join('\n');
