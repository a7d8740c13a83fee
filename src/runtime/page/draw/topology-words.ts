import { html, type Html } from '../html.ts';
import { WORDS, type Fact } from '../signs.ts';
import type { Beside, Topology } from '../topology.ts';
import { icon } from './parts.ts';

/** The drawing in a few sentences. */
export function inWords({ vip, nodes, links, clusters }: Topology): string {
  return [
    `The virtual address ${vip.answers.says}; ${vip.holder.says}.`,
    ...vip.facts.map(sentence),
    ...nodes.map(
      ({ name, reach, facts }) =>
        `${name}: host ${reach.says}; ${facts.map(({ topic, says }) => `${topic} ${says}`).join('; ')}.`,
    ),
    ...links.map(
      ({ from, to, says }) =>
        `Replication ${from === undefined ? '' : `from ${from} `}to ${to}: ${says}.`,
    ),
    ...clusters.map(({ name, says }) => `Cluster ${name}: ${says}.`),
  ].join(' ');
}

const sentence = ({ topic, says }: Fact): string => `${topic}: ${says}.`;

interface Line {
  readonly what: string;
  readonly fact: Fact;
}

/** Everything that is drawn, and every word that did not fit, as a table. */
export const topologyTable = (topology: Topology): Html =>
  html`<details id="topology-table">
    <summary>The same as a table</summary>
    <table class="stack">
      <caption class="unseen">
        All parts of the region and how they are
      </caption>
      <thead>
        <tr>
          <th scope="col">where</th>
          <th scope="col">what</th>
          <th scope="col">how it is</th>
        </tr>
      </thead>
      <tbody>
        ${linesOf(topology).map(
          ({ what, fact: { topic, says, sign } }) =>
            html`<tr>
              <th scope="row">${what}</th>
              <td>${topic}</td>
              <td>${icon(sign)} ${says} <small>(${WORDS[sign]})</small></td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;

const linesOf = ({ vip, nodes, links, clusters, slaves, trusted }: Topology): readonly Line[] => [
  ...[
    vip.answers,
    { topic: 'holder', sign: vip.holder.sign, says: vip.holder.says },
    ...vip.facts,
  ].map((fact) => ({ what: `VIP ${vip.addresses.join(', ')}`, fact })),
  ...nodes.flatMap(({ name, address, reach, claim, witnesses, facts }) =>
    [
      reach,
      {
        topic: 'named as holder by',
        sign: 'none' as const,
        says: witnesses.join(', ') || (claim === 'unknown' ? 'not known' : 'nobody'),
      },
      ...facts,
    ].map((fact) => ({ what: `${name} ${address}`, fact })),
  ),
  ...links.map(({ from, to, sign, says }) => ({
    what: from === undefined ? to : `${from} → ${to}`,
    fact: { topic: 'replication', sign, says },
  })),
  ...clusters.flatMap(clusterLines),
  ...slaves.map((each) => ({
    what: `${each.name} ${each.address}`,
    fact: asFact('slave DNS', each),
  })),
  ...trusted.map((each) => ({ what: each.name, fact: asFact('trusted server', each) })),
];

const clusterLines = (each: Beside): readonly Line[] =>
  [asFact('cluster', each), ...(each.facts ?? [])].map((fact) => ({
    what: `${each.name} ${each.address}`,
    fact,
  }));

const asFact = (topic: string, { sign, says }: Beside): Fact => ({ topic, sign, says });
