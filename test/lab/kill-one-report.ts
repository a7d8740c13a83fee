import { REGIONS, type Timing } from './kill-one-config.ts';
import { isOurs } from './kill-one-look.ts';
import type { Notice } from './kill-one-post.ts';
import { endsOf, pagesOf, regionOf, type Trial } from './kill-one-trial.ts';

/** How often each region was told of, such as `lab 1, lab-b 1`; regions that are not ours as well. */
function perRegion(notices: readonly Notice[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = Object.fromEntries(REGIONS.map((each) => [each, 0]));
  for (const notice of notices) {
    const region = regionOf(notice);
    counts[region] = (counts[region] ?? 0) + 1;
  }
  return counts;
}

const alertsOf = ({ alerts }: Notice): string =>
  [...new Set(alerts.map(({ labels }) => labels['alertname'] ?? '?'))].join('+');

/** All that is not as it should be: for each region one page and one end of it, whoever died. */
export function complaintsOf(trial: Trial): readonly string[] {
  const wrong = (what: string, notices: readonly Notice[]): readonly string[] =>
    Object.entries(perRegion(notices)).flatMap(([region, count]) =>
      count === 1 && isOurs(region)
        ? []
        : [`${count} ${what} of ${region}${isOurs(region) ? '' : ', which has no fault'}`],
    );
  return [
    ...wrong('pages', pagesOf(trial)),
    ...wrong('ends', endsOf(trial)),
    ...trial.lapses,
    ...trial.remarks,
  ];
}

/** What came to others than who is woken: `warning MaasHaX of lab firing, resolved`. */
function others({ heard }: Trial): readonly string[] {
  const words = new Map<string, string[]>();
  for (const notice of heard.filter(({ receiver }) => receiver !== 'page')) {
    const what = `${notice.receiver}: ${alertsOf(notice)} of ${regionOf(notice)}`;
    words.set(what, [...(words.get(what) ?? []), notice.status]);
  }
  return [...words].map(([what, states]) => `${what} ${states.join(', ')}`);
}

const since = (from: number, to: number | undefined): string =>
  to === undefined ? '-' : `+${((to - from) / 1000).toFixed(0)} s`;

const counted = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([region, count]) => `${region} ${count}`)
    .join(', ');

const HEAD = [
  'killed',
  'when',
  'fault',
  'first page',
  'page',
  'pages',
  'ends',
  'sent by',
  'told to others',
  'verdict',
] as const;

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function rowOf(trial: Trial): string {
  const { victim, moment, fault, injected, killed, healed } = trial;
  const pages = pagesOf(trial);
  const ends = endsOf(trial);
  const role = trial.order[0] === victim ? ', which sends first' : '';
  const complaints = complaintsOf(trial);
  return line([
    victim + role,
    killed === undefined ? '-' : `${since(injected, killed)} (${moment})`,
    fault,
    REGIONS.map((region) => {
      const first = pages.find((each) => regionOf(each) === region);
      return `${region} ${since(injected, first?.at)}`;
    }).join(', '),
    [...new Set(pages.map(alertsOf))].join(', '),
    counted(perRegion(pages)),
    `${counted(perRegion(ends))} (${since(healed, ends[0]?.at)})`,
    [...new Set([...pages, ...ends].map(({ by }) => /\w+\d/.exec(by)?.[0] ?? by))].join(', '),
    others(trial).join('; ') || 'nothing',
    complaints.length === 0 ? 'once, as it should be' : complaints.join('; '),
  ]);
}

/** The table in Markdown, with what it takes to read it. */
export function tableOf(trials: readonly Trial[], timing: Timing): string {
  const { groupInterval, resendDelay } = timing;
  return [
    line(HEAD),
    line(HEAD.map(() => '---')),
    ...trials.map(rowOf),
    '',
    'Times: seconds after the fault; of the ends, after the healing. Pages and ends are counted per region.',
    groupInterval === undefined
      ? 'All waits as generated.'
      : `Shorter than in production: group_interval ${groupInterval}, --rules.alert.resend-delay ${resendDelay}.`,
  ].join('\n');
}
