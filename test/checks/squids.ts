import check from '../../checks/proxy.ts';
import { CheckFailure, type FailureCode } from '../../src/core/failure.ts';
import type { HttpOptions, HttpReply } from '../../src/core/ports/network.ts';
import { seconds } from '../../src/core/time.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';

/* Squids of a region, as the monitor meets them: what each answers is the test's to say. */

export const OBJECT = { url: 'http://archive.example.org/dists/Release', expect: 'Origin: Ubuntu' };
export const [VIP, RC1, RC2] = ['172.31.16.39', '172.31.16.32', '172.31.16.33'] as const;

type Told = Partial<HttpReply> | CheckFailure;
/** What one squid tells: for the object fetched anew, for the object as usual, and for itself. */
export interface Squid {
  readonly fresh?: Told;
  readonly usual?: Told;
  readonly own?: Told;
}

export const failure = (code: FailureCode, phase: string): CheckFailure =>
  new CheckFailure(code, `it is ${code}`, { facts: { phase } });

export const page = (
  status: number,
  headers: Record<string, string>,
  body = '',
): Partial<HttpReply> => ({
  status,
  body,
  headers: {
    server: 'squid/5.7',
    via: '1.1 rc1 (squid/5.7)',
    'x-cache': 'MISS from rc1',
    ...headers,
  },
});
export const error = (status: number, name: string): Partial<HttpReply> =>
  page(status, { 'x-squid-error': `${name} 0` }, '<html>');
export const object = (cache = 'MISS', headers: Record<string, string> = {}): Partial<HttpReply> =>
  page(200, { server: 'apache', 'x-cache': `${cache} from rc1`, ...headers }, 'Origin: Ubuntu\n');

const CLOSED = failure('refused', 'connect');
export const OWN_PAGE = error(400, 'ERR_INVALID_URL');
export const WELL: Squid = { fresh: object(), usual: object('HIT'), own: OWN_PAGE };
export const closed: Squid = { fresh: CLOSED, usual: CLOSED, own: CLOSED };
export const frozen: Squid = {
  fresh: failure('timeout', 'first byte'),
  usual: failure('timeout', 'first byte'),
  own: failure('timeout', 'first byte'),
};

/** By `host` or `host:port`; all others are well. */
type Squids = Readonly<Record<string, Squid>>;

/** One look. The virtual address is that of rc1, unless something else stands for it. */
export function look(squids: Squids = {}, proxy: Parameters<typeof region>[0] = {}) {
  const asked: string[] = [];
  const of = (host: string, port: number): Squid =>
    squids[`${host}:${port}`] ??
    squids[host] ??
    (host === VIP ? (squids[`${RC1}:${port}`] ?? squids[RC1]) : undefined) ??
    WELL;
  const get = async (url: string, { via, fresh }: HttpOptions): Promise<HttpReply> => {
    const { hostname, port } = new URL(url);
    const at = via ?? { host: hostname, port: Number(port) };
    const way = via === undefined ? 'own' : fresh === true ? 'fresh' : 'usual';
    asked.push(`${at.host}:${at.port} ${way}`);
    const told = of(at.host, at.port)[way];
    if (told === undefined) throw new Error(`${at.host} was asked ${way}`);
    if (told instanceof CheckFailure) throw told;
    return { status: 200, headers: {}, body: '', took: seconds(0.02), ...told };
  };
  const target = region({ proxy: { ports: [8000, 3128], object: OBJECT }, ...proxy });
  return runCheck(check, target, fakePorts({ http: { get } })).then((ran) => ({ ...ran, asked }));
}

export const stateOf = (
  values: Readonly<Record<string, number>>,
  server: string,
  service = 'proxy-8000',
): string | undefined =>
  /state="(\w+)"/.exec(
    Object.keys(values).find(
      (key) =>
        key.startsWith(`maasha_proxy_state{server="${server}",service="${service}"`) &&
        values[key] === 1,
    ) ?? '',
  )?.[1];
