import { isStranger, namesOf, type Heard, type Look } from './ask.ts';
import { answers, dnsMissing, strangers } from './rules.ts';
import { evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { observe } from '../../core/metric.ts';
import { seconds, formatDuration } from '../../core/time.ts';
import type { DhcpReply } from '../../protocol/dhcp.ts';

/* What was heard on a cluster's segment, in words and numbers. */

/** What a cluster's segment ought to look like. */
export interface Wanted {
  readonly cluster: string;
  /** The servers of this cluster's segment, by address. */
  readonly servers: readonly string[];
  /** All servers that may answer on its leg. */
  readonly known: readonly string[];
  /** DNS servers that must be handed out. */
  readonly dns: readonly string[];
}

export function notesOnSegment(wanted: Wanted, look: Look): readonly Note[] {
  const { cluster, servers, known } = wanted;
  const foreign = look.heard.filter((heard) => isStranger(heard, known)).map(describe);
  return [
    observe(strangers, look.strangers, { cluster }),
    ...[...new Set(foreign)].map((says) => evidence(cluster, `a stranger answers: ${says}`)),
    ...servers.flatMap((server) => notesOnServer(wanted, server, look.heard)),
  ];
}

function notesOnServer(
  { cluster, dns }: Wanted,
  server: string,
  heard: readonly Heard[],
): readonly Note[] {
  const labels = { cluster, server };
  const own = heard.filter((each) => namesOf(each).includes(server));
  const told = own.findLast(isTelling);
  if (own.length === 0)
    return [
      observe(answers, 0, labels),
      evidence(cluster, `${server} does not answer on the segment`),
      gap(
        cluster,
        new CheckFailure('dependency', `${server} is silent: what it hands out is not known`),
      ),
    ];
  if (told === undefined)
    return [
      observe(answers, 1, labels),
      ...own.slice(-1).map((each) => gap(cluster, unread(each))),
    ];
  const missing = dns.filter((address) => !told.reply.dns.includes(address));
  const more = told.reply.dns.filter((address) => !dns.includes(address));
  return [
    observe(answers, 1, labels),
    ...(dns.length === 0 ? [] : [observe(dnsMissing, missing.length, labels)]),
    evidence(cluster, describe(told)),
    ...missing.map((address) => evidence(cluster, `${server} does not hand out DNS ${address}`)),
    ...(more.length > 0 && dns.length > 0
      ? [
          evidence(
            cluster,
            `${server} also hands out DNS ${more.join(', ')}, which is not configured`,
          ),
        ]
      : []),
  ];
}

type Telling = Heard & { readonly reply: DhcpReply };

const isTelling = (heard: Heard): heard is Telling =>
  !(heard.reply instanceof CheckFailure) && ['offer', 'ack'].includes(heard.reply.type);

const unread = ({ from, reply }: Heard): CheckFailure =>
  reply instanceof CheckFailure
    ? reply
    : new CheckFailure('protocol', `${from} answers with a ${reply.type}: it tells nothing`);

/** `172.31.17.34 offers 172.31.17.100 for 10m, router 172.31.17.1, DNS 172.31.16.32, 172.31.16.33`. */
function describe(heard: Heard): string {
  const name = namesOf(heard).join(' from ');
  if (!isTelling(heard)) return `${name}: ${unread(heard).message}`;
  const { offered, leaseSeconds, routers, dns, relay } = heard.reply;
  const lease = leaseSeconds === undefined ? '' : ` for ${formatDuration(seconds(leaseSeconds))}`;
  return [
    `${name} ${offered === undefined ? 'answers' : `offers ${offered}${lease}`}`,
    ...(relay === undefined ? [] : [`by way of ${relay}`]),
    `router ${routers.join(', ') || 'none'}`,
    `DNS ${dns.join(', ') || 'none'}`,
  ].join('; ');
}
