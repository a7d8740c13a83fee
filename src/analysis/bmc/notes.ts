import type { BmcLook } from './ask.ts';
import { hostUp, up, upCount } from './rules.ts';
import { doesNotApply, evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { observe } from '../../core/metric.ts';

/** What the looks at all power controllers of one cluster come to. */
export function notesOnBmcs(cluster: string, looks: readonly BmcLook[]): readonly Note[] {
  const labels = { cluster };
  const answering = looks.filter(({ answer }) => answer === 'answered').length;
  const isKnown = answering > 0 || looks.every(({ answer }) => answer === 'silent');
  return [
    ...looks.flatMap((look) => notesOnBmc(cluster, look)),
    // That all are silent is no news of a network where there is only one.
    ...(looks.length < 2 ? [doesNotApply(upCount, labels)] : []),
    ...(looks.length >= 2 && isKnown ? [observe(upCount, answering, labels)] : []),
  ];
}

function notesOnBmc(cluster: string, { name, answer, says = '', echo }: BmcLook): readonly Note[] {
  const labels = { cluster, bmc: name };
  if (answer instanceof CheckFailure) return [gap(name, answer)];
  if (answer === 'answered')
    return [observe(up, 1, labels), observe(hostUp, 1, labels), evidence(name, says)];
  return [
    observe(up, 0, labels),
    ...(echo === undefined || echo instanceof CheckFailure
      ? []
      : [observe(hostUp, echo === 'answered', labels)]),
    evidence(name, `${says}; ${echoWords(echo)}`),
  ];
}

function echoWords(echo: BmcLook['echo']): string {
  if (echo === 'answered') return 'the address answers an echo: IPMI over LAN may be switched off';
  return echo === 'silent'
    ? 'the address answers no echo either: no power, no cable, or another address'
    : 'whether the address answers at all is not known';
}
