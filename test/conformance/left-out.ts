import type { CheckResult } from '../../src/core/check.ts';
import { CheckFailure, type FailureCode } from '../../src/core/failure.ts';
import { labelKey, type Metric } from '../../src/core/metric.ts';
import type { DnsReply } from '../../src/core/ports/dns.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import type { Rule } from '../../src/core/rule.ts';
import { seconds } from '../../src/core/time.ts';

/* Ways in which something cannot be looked at, and what a result keeps silent about then. */

export interface Blindness {
  readonly port: keyof Ports;
  /** Only questions to or about this host; absent: all. */
  readonly host?: string;
  readonly code: FailureCode;
  /** It lets in, and then answers nothing: of ports that give a session. */
  readonly inside: boolean;
}

type Call = (...given: readonly unknown[]) => unknown;

const failing = (code: FailureCode) => (): Promise<never> =>
  Promise.reject(new CheckFailure(code, `it is ${code}`));

/** A session on which every question fails; anything else as it is. */
const mute = (session: unknown, code: FailureCode): unknown =>
  typeof session === 'object' && session !== null
    ? Object.fromEntries(
        Object.entries(session).map(([name, value]) => [
          name,
          typeof value === 'function' ? failing(code) : (value as unknown),
        ]),
      )
    : session;

const isAbout = (host: string | undefined, question: unknown): boolean =>
  host === undefined || JSON.stringify(question).includes(host);

/** The same ports, but for what cannot be looked at. */
export function blinded(ports: Ports, { port, host, code, inside }: Blindness): Ports {
  const blind = new Proxy(ports[port], {
    get:
      (target, call) =>
      async (...given: readonly unknown[]) => {
        const method = Reflect.get(target, call) as Call;
        if (!isAbout(host, given[0])) return method(...given);
        if (!inside) return failing(code)();
        return mute(await method(...given), code);
      },
  });
  return { ...ports, [port]: blind };
}

type Odd = (ports: Ports, host: string | undefined) => Ports;

const dns =
  (change: Partial<DnsReply>): Odd =>
  (ports, host) => ({
    ...ports,
    dns: {
      ...ports.dns,
      query: async (to, question, limit) => {
        const reply = await ports.dns.query(to, question, limit);
        return isAbout(host, to) ? { ...reply, ...change } : reply;
      },
    },
  });

const http =
  (status: number, body: string): Odd =>
  (ports, host) => ({
    ...ports,
    http: {
      get: (url, options) =>
        isAbout(host, url)
          ? Promise.resolve({ status, headers: {}, body, took: seconds(0.1) })
          : ports.http.get(url, options),
    },
  });

const rcode = (code: string): Odd => dns({ rcode: code, authoritative: false, answers: [] });

/** Answers that are none. */
export const oddities: Readonly<Record<string, Odd>> = {
  ...Object.fromEntries(
    ['SERVFAIL', 'REFUSED', 'NXDOMAIN', 'NOTAUTH'].map((code) => [
      `DNS answers ${code}`,
      rcode(code),
    ]),
  ),
  'DNS answers without authority': dns({ authoritative: false }),
  'DNS answers with nothing': dns({ answers: [] }),
  ...Object.fromEntries(
    [500, 404, 302, 401].map((status) => [`HTTP answers ${status}`, http(status, '')]),
  ),
  'HTTP answers with some other page': http(200, '<html>'),
  'SQL answers no row': (ports, host) => ({
    ...ports,
    postgres: {
      open: async (to, options) => {
        const session = await ports.postgres.open(to, options);
        return isAbout(host, to) ? { ...session, query: () => Promise.resolve([]) } : session;
      },
    },
  }),
  'no echo comes back': (ports, host) => ({
    ...ports,
    icmp: {
      ping: (to, options) =>
        isAbout(host, to)
          ? Promise.resolve({ method: 'raw', sent: options.count, received: 0, roundTrips: [] })
          : ports.icmp.ping(to, options),
    },
  }),
  'nobody answers ARP': (ports, host) => ({
    ...ports,
    arp: {
      whoHas: (to, options) =>
        isAbout(host, to)
          ? Promise.resolve({ macs: [], own: false })
          : ports.arp.whoHas(to, options),
    },
  }),
  'nothing stands where others say something': (ports) => ({
    ...ports,
    facts: { read: () => Promise.resolve(undefined) },
  }),
};

const isJudged = (
  rules: readonly Rule[],
  metric: Metric,
  labels: Readonly<Record<string, string>>,
): boolean =>
  rules.some(
    (rule) =>
      rule.metric === metric &&
      Object.entries(rule.where ?? {}).every(([label, value]) => labels[label] === value),
  );

/**
 * The judged series that were in the result before and are not in this one, where this one is no alarm and
 * has neither a gap nor a skip, nor says that they do not apply: it looks like health, and is not known to be.
 */
export function leftOut(
  rules: readonly Rule[],
  before: CheckResult,
  now: CheckResult,
): readonly string[] {
  if (now.failure !== undefined || now.gaps.length > 0) return [];
  if (now.state === 'unknown') return ['unknown without a reason'];
  if (now.state === 'warning' || now.state === 'critical' || now.skips.length > 0) return [];
  const series = new Set(
    now.observations.map(({ metric, labels }) => metric.name + labelKey(labels)),
  );
  return before.observations
    .filter(({ metric, labels }) => isJudged(rules, metric, labels))
    .filter(({ metric, labels }) => !series.has(metric.name + labelKey(labels)))
    .filter(
      ({ metric, labels }) =>
        !now.inapplicable.some(
          (each) =>
            each.metric === metric &&
            Object.entries(each.labels).every(([label, value]) => labels[label] === value),
        ),
    )
    .map(({ metric, labels }) => metric.name + JSON.stringify(labels));
}
