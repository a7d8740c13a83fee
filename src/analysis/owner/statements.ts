import type { CheckResult } from '../../core/check.ts';
import { samplesOf, valueOf } from '../../core/seen.ts';
import type { Observation } from '../../core/metric.ts';
import type { Instant } from '../../core/time.ts';

/** Who can say which node holds the virtual address, each in a way of its own. */
export const WITNESSES = ['pcp', 'dns', 'arp', 'marker'] as const;
export type Witness = (typeof WITNESSES)[number];

/** How a person calls them. */
export const CALLED: Readonly<Record<Witness, string>> = {
  pcp: "pgpool's watchdog (PCP)",
  dns: 'the DNS master (hostname.bind)',
  arp: 'the MAC on the wire (ARP)',
  marker: 'the marker page',
};

/** What one witness says at present. */
export interface Statement {
  readonly witness: Witness;
  /** The nodes that it shows as holders, in the order of the configuration; none: that nobody is. */
  readonly nodes: readonly string[];
  /** When its look began. */
  readonly at: Instant;
}

type Needs = Readonly<Record<string, CheckResult>>;

interface Source {
  readonly witness: Witness;
  readonly check: string;
  readonly metric: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const SOURCES: readonly Source[] = [
  { witness: 'pcp', check: 'pgpool-watchdog', metric: 'maasha_pgpool_watchdog_escalated' },
  { witness: 'dns', check: 'dns-serial', metric: 'maasha_dns_master_node' },
  ...(['arp', 'marker'] as const).map((witness) => ({
    witness,
    check: 'vip-witness',
    metric: 'maasha_vip_claim',
    labels: { witness },
  })),
];

/** The statements that the newest results hold; a witness that could not look makes none. */
export const statementsIn = (needs: Needs, nodes: readonly string[]): readonly Statement[] =>
  SOURCES.flatMap(({ witness, check, metric, labels }) => {
    const result = needs[check];
    if (result === undefined) return [];
    const samples = samplesOf([result], metric, labels);
    const claims = nodes.filter((node) => valueAt(samples, node) === 1);
    // That nobody is the holder is said only where that is known of every node, and of strangers.
    const whole = nodes.every((node) => valueAt(samples, node) !== undefined);
    const stranger =
      witness === 'arp' &&
      valueOf([result], 'maasha_vip_arp_strangers') !== 0 &&
      claims.length === 0;
    return claims.length > 0 || (whole && !stranger)
      ? [{ witness, nodes: claims, at: result.startedAt }]
      : [];
  });

const valueAt = (samples: readonly Observation[], node: string): number | undefined =>
  samples.find(({ labels }) => labels['node'] === node)?.value;
