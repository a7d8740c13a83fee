import type { ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Severity } from '../src/core/rule.ts';

/* What a colour means, once for all dashboards: the same meaning has the same colour everywhere. */

export const COLOUR = {
  good: 'green',
  /** Right as it is, and worth telling apart from good: a standby, a silenced alert. */
  note: 'blue',
  warn: 'orange',
  bad: 'red',
  unknown: 'purple',
  /** Says nothing about health: off, not the holder, skipped. */
  idle: '#808080',
} as const;

export type Tone = keyof typeof COLOUR;

/** A value in words, and what it means; no words: the value itself. */
export type Word = readonly [text: string, tone: Tone];

/** Words for every value that a query can give; `2..` stands for all from 2 on. */
export type Words = Readonly<Record<number | string, Word>>;

/** The words as Grafana's value mappings. What has no word shows as itself, in the colour of the thresholds. */
export const mappingsOf = (words: Words): ValueMapping[] =>
  Object.entries(words).map(([value, [text, tone]], index) => {
    const result = { ...(text !== '' && { text }), color: COLOUR[tone], index };
    const from = /^(\d+)\.\.$/.exec(value)?.[1];
    return from === undefined
      ? { type: MappingType.ValueToText, options: { [value]: result } }
      : { type: MappingType.RangeToText, options: { from: Number(from), to: null, result } };
  });

export const TONE_OF: Readonly<Record<Severity, Tone>> = {
  critical: 'bad',
  warning: 'warn',
  info: 'note',
};

/** 0 and 1, where 1 is how it should be. */
export const yesIsGood = (no: string, yes: string, tone: Tone = 'bad'): Words => ({
  0: [no, tone],
  1: [yes, 'good'],
});

/** 0 and 1, where 1 is what should not be. */
export const yesIsBad = (no: string, yes: string, tone: Tone = 'bad'): Words => ({
  0: [no, 'good'],
  1: [yes, tone],
});

/** What each state of each stateset means. The generator refuses a state that is not here. */
export const TONES: Readonly<Record<string, Readonly<Record<string, Tone>>>> = {
  maasha_check_state: {
    skipped: 'idle',
    ok: 'good',
    unknown: 'unknown',
    warning: 'warn',
    critical: 'bad',
  },
  maasha_cluster_backup_content: {
    own: 'good',
    unproven: 'note',
    other_cluster: 'warn',
    not_known: 'warn',
    no_uuid: 'warn',
  },
  maasha_cluster_backup_age_state: {
    fresh: 'good',
    old: 'warn',
    future: 'warn',
    unknown: 'unknown',
  },
  maasha_postgres_role: { primary: 'good', standby: 'note' },
  maasha_pgpool_watchdog_node_state: {
    dead: 'bad',
    loading: 'warn',
    joining: 'warn',
    initializing: 'warn',
    leader: 'good',
    election: 'warn',
    standing: 'warn',
    standby: 'note',
    lost: 'bad',
    network_trouble: 'bad',
    shutdown: 'bad',
    add_sent: 'warn',
    isolated: 'bad',
    unknown: 'unknown',
  },
  maasha_pgpool_watchdog_quorum: {
    exists: 'good',
    edge: 'good',
    absent: 'bad',
    unknown: 'unknown',
  },
  maasha_pgpool_backend_state: {
    unused: 'idle',
    waiting: 'good',
    up: 'good',
    down: 'bad',
    quarantine: 'bad',
    unknown: 'unknown',
  },
  maasha_pgpool_backend_role: {
    main: 'good',
    replica: 'note',
    primary: 'good',
    standby: 'note',
    unknown: 'unknown',
  },
  maasha_pgpool_backend_truth: {
    agrees: 'good',
    attachable: 'warn',
    unfit: 'bad',
    unused_primary: 'bad',
    gone: 'warn',
    dead: 'bad',
    unfed: 'warn',
    false_primary: 'bad',
    false_standby: 'bad',
  },
  maasha_postgres_replication_slot_state: {
    reserved: 'good',
    extended: 'warn',
    unreserved: 'warn',
    lost: 'bad',
    unknown: 'unknown',
  },
  maasha_dns_zone_state: {
    served: 'good',
    absent: 'bad',
    lame: 'bad',
    refused: 'bad',
    broken: 'bad',
    expired: 'bad',
    nxdomain: 'bad',
    no_zone: 'bad',
    other_zone: 'bad',
    error: 'bad',
  },
  maasha_region_url_state: {
    active: 'good',
    no_database: 'bad',
    starting: 'warn',
    down: 'bad',
    hangs: 'bad',
    unreachable: 'bad',
    other: 'bad',
  },
  maasha_proxy_state: {
    works: 'good',
    cached: 'good',
    refuses: 'warn',
    cannot_resolve: 'warn',
    cannot_fetch: 'warn',
    wrong: 'warn',
    no_proxy: 'bad',
    hangs: 'bad',
    hangs_up: 'bad',
    closed: 'bad',
    unreachable: 'bad',
  },
  maasha_dns_client_answer: {
    answers: 'good',
    denies: 'bad',
    empty: 'bad',
    fails: 'bad',
    refuses: 'warn',
    silent: 'bad',
    closed: 'bad',
  },
  // At a node without a database that is right in generation 1.
  maasha_app_state: {
    serves: 'good',
    partly: 'bad',
    no_database: 'note',
    starting: 'warn',
    no_backend: 'bad',
    hangs: 'bad',
    foreign: 'bad',
    closed: 'bad',
    unreachable: 'bad',
  },
  // Of generation 1 exactly one node is active; the other waits, without a database.
  maasha_region_state: {
    active: 'good',
    no_database: 'note',
    starting: 'warn',
    down: 'bad',
    hangs: 'bad',
    unreachable: 'bad',
    other: 'bad',
  },
  maasha_cluster_service_state: {
    serving: 'good',
    lacking: 'warn',
    garbled: 'bad',
    refused: 'bad',
    silent: 'bad',
    unheard: 'unknown',
  },
  maasha_maas_service_state: {
    running: 'good',
    off: 'idle',
    unknown: 'unknown',
    degraded: 'warn',
    dead: 'bad',
  },
};
