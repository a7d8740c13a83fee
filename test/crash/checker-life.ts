import type { Entry } from '../../src/store/store.ts';
import { episodeOf, kindOf } from './book.ts';
import type { History, LookTaken } from './history.ts';
import { DISK, NODES, ruleOf, CHECK_NAMES, type NodeName } from './house.ts';

/* The part of the checker that holds what the monitor made of the region against what was true there. */

export const lifeViolations = (history: History): readonly string[] => [
  ...closedUnseen(history),
  ...restartedTimers(history),
  ...changedIdentity(history),
  ...oneChannelOut(history),
  ...explained(history),
  ...mirrorViolations(history),
];

const SECOND = 1000;

interface Fact {
  readonly kind: string;
  readonly rule: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly episode?: { readonly id: string; readonly startsAt: number };
}

const transitions = ({ journal }: History): readonly (Entry & { readonly fact: Fact })[] =>
  journal
    .filter(({ what }) => what === 'transition')
    .map((entry) => ({ ...entry, fact: entry.says as unknown as Fact }));

const isBad = ({ readings }: LookTaken, node: NodeName): boolean | undefined =>
  readings === 'unknown' ? undefined : readings.includes(node);

/** P6: an end needs two good looks after the last bad one; a look that came to nothing is none. */
function closedUnseen(history: History): readonly string[] {
  return transitions(history)
    .filter(({ fact }) => fact.kind === 'close')
    .flatMap(({ at, fact: { rule, labels } }) => {
      const check = CHECK_NAMES.find((name) => ruleOf(name).name === rule);
      const node = NODES.find((name) => name === labels['node']);
      if (check === undefined || node === undefined) return [];
      const looks = history.looks.filter((look) => look.check === check && look.at <= at);
      const lastBad = looks.findLastIndex((look) => look.certain && isBad(look, node) === true);
      const good = looks.slice(lastBad + 1).filter((look) => isBad(look, node) === false);
      return good.length >= 2 ? [] : [`P6 ${rule} ${node}: closed after ${good.length} good looks`];
    });
}

/** P9: time that two looks of one life prove counts, whatever happened in between. */
function restartedTimers(history: History): readonly string[] {
  const looks = history.looks.filter(({ check }) => check === 'disks');
  return NODES.flatMap((node) => {
    const due = provenAt(looks, node);
    if (due === undefined) return [];
    const fired = transitions(history).some(
      ({ at, fact }) =>
        fact.kind === 'fire' &&
        fact.rule === DISK.name &&
        fact.labels['node'] === node &&
        at <= due,
    );
    return fired
      ? []
      : [`P9 ${DISK.name} ${node}: bad for long enough, and it has not fired by then`];
  });
}

/** When the first time in which a disk was full had certainly lasted long enough; undefined when it had not. */
function provenAt(looks: readonly LookTaken[], node: NodeName): number | undefined {
  let proven = 0;
  let last: LookTaken | undefined;
  let begun = false;
  for (const look of looks) {
    const bad = isBad(look, node);
    if (begun && bad === false) return undefined;
    if (bad === true && look.certain) {
      begun = true;
      if (last?.life === look.life) proven += look.at - last.at;
      if (proven >= DISK.for * SECOND) return look.at;
      last = look;
    } else if (begun) last = undefined;
  }
  return undefined;
}

/** P10: an episode keeps its id until it is over, and its beginning for ever. */
function changedIdentity(history: History): readonly string[] {
  const starts = new Map<string, number>();
  const current = new Map<string, string>();
  return transitions(history).flatMap(({ fact }) => {
    const { episode, kind, rule } = fact;
    if (episode === undefined) return [];
    const key = rule + JSON.stringify(fact.labels);
    const known = current.get(key);
    current.set(key, episode.id);
    const startsAt = starts.get(episode.id) ?? episode.startsAt;
    starts.set(episode.id, startsAt);
    return [
      ...(known !== undefined && known !== episode.id && !NEW.includes(kind)
        ? [`P10 ${rule}: another episode at ${kind}`]
        : []),
      ...(startsAt === episode.startsAt ? [] : [`P10 ${rule}: it began at another time`]),
    ];
  });
}

/** With these an alert may have a new episode. */
const NEW = ['pend', 'fire', 'drop'];

/** How soon a working channel must have taken what was opened: the gathering, the pace, and a little. */
const SOON = { critical: 20, warning: 45 };

/** P11: while one channel takes nothing, the other one tells. */
function oneChannelOut(history: History): readonly string[] {
  const { book, deaths } = history;
  return transitions(history)
    .filter(({ fact }) => fact.kind === 'open')
    .flatMap(({ at, episode = '', fact: { rule, labels } }) => {
      const soon = SECOND * (rule === DISK.name ? SOON.warning : SOON.critical);
      const until = at + soon;
      const touches = ({ from, to }: { readonly from: number; readonly to: number }): boolean =>
        from <= until && to >= at - 10 * soon;
      if (deaths.some((death) => touches({ from: death.at, to: death.at }))) return [];
      const wasHidden = transitions(history).some(
        (each) =>
          each.episode === episode &&
          each.at <= until &&
          each.at >= at &&
          ['fold', 'mute', 'close'].includes(each.fact.kind),
      );
      if (wasHidden || until > history.endedAt) return [];
      const working = (['slack', 'email'] as const).filter(
        (name) =>
          labels['channel'] !== name &&
          !book.bad.some((bad) => bad.channel === name && touches(bad)),
      );
      return working
        .filter(
          (name) =>
            !book.accepted.some(
              (each) => each.channel === name && episodeOf(each.id) === episode && each.at <= until,
            ),
        )
        .map((name) => `P11 ${rule} ${episode.slice(-6)}: ${name} works and was not told in time`);
    });
}

/** P7: what was explained from the first to the last has no message of its own. */
function explained(history: History): readonly string[] {
  const byEpisode = grouped(transitions(history), ({ episode = '' }) => episode);
  return [...byEpisode].flatMap(([episode, all]) => {
    const kinds = all.map(({ fact }) => fact.kind);
    const shown = ['open', 'reopen', 'unfold', 'unmute', 'expiring'].some((kind) =>
      kinds.includes(kind),
    );
    const told = history.book.accepted.filter((each) => episodeOf(each.id) === episode);
    return shown || told.length === 0
      ? []
      : [`P7 ${episode.slice(-6)}: told by ${told.map(({ id }) => kindOf(id)).join(', ')}`];
  });
}

/** What an Alertmanager was shown keeps its beginning, and ends. */
function mirrorViolations(history: History): readonly string[] {
  const byEpisode = grouped(
    history.book.pushed,
    ({ episode, severity }) => `${episode} ${severity}`,
  );
  return [...byEpisode].flatMap(([key, pushes]) => {
    const [episode = ''] = key.split(' ');
    const mine = transitions(history).filter((each) => each.episode === episode);
    const last = mine.findLast(({ fact }) => ['fire', 'close', 'lapse'].includes(fact.kind));
    const wasHidden = mine.some(({ fact }) => fact.kind === 'mute');
    const ended = pushes.some(({ at, endsAt }) => Date.parse(endsAt) <= at);
    return [
      ...(new Set(pushes.map(({ startsAt }) => startsAt)).size > 1
        ? [`P10 ${episode.slice(-6)}: Alertmanager was shown several beginnings`]
        : []),
      ...(ended || wasHidden || last?.fact.kind !== 'close'
        ? []
        : [`P2 ${episode.slice(-6)}: Alertmanager was never shown its end`]),
    ];
  });
}

function grouped<Value>(
  values: readonly Value[],
  keyOf: (value: Value) => string,
): ReadonlyMap<string, readonly Value[]> {
  const found = new Map<string, Value[]>();
  for (const value of values) {
    const group = found.get(keyOf(value)) ?? [];
    group.push(value);
    found.set(keyOf(value), group);
  }
  return found;
}
