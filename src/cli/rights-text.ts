import Table from 'cli-table3';
import type { Remedy, Right } from '../analysis/rights/right.ts';
import { oneLine } from '../core/describe.ts';
import { EXIT } from './exit.ts';

/* How `maasha validate --online` shows what may be seen; pure. */

/** What was found out about one region. */
export interface Found {
  readonly region: string;
  readonly rights: readonly Right[];
  /** Checks that exist there and need no right of their own. */
  readonly others: readonly string[];
}

/** 0: everything may be seen; 1: something that could be done without may not; 3: something needed may not, or nobody knows. */
export function exitOf(rights: readonly Right[]): number {
  const missing = rights.filter(({ may }) => may !== 'yes');
  if (missing.some(({ needed }) => needed)) return EXIT.unknown;
  return missing.length > 0 ? EXIT.warning : EXIT.ok;
}

/** What is to be done: each line once, host by host, in the order in which it was found out. */
export function toDo(rights: readonly Right[]): readonly Remedy[] {
  const byPlace = new Map<string, { host: string; into: string; lines: string[] }>();
  for (const { host, into, lines } of rights.flatMap(({ remedies }) => remedies)) {
    const key = JSON.stringify([host, into]);
    const place = byPlace.get(key) ?? { host, into, lines: [] };
    place.lines.push(...lines.filter((line) => !place.lines.includes(line)));
    byPlace.set(key, place);
  }
  return [...byPlace.values()];
}

type Paint = (text: string) => string;
export interface Paints {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly state: (state: 'ok' | 'warning' | 'unknown') => Paint;
}

export function rightsText(
  { region, rights, others }: Found,
  paints: Paints,
  width: number,
): string {
  const { bold, dim } = paints;
  const table = new Table({
    chars: Object.fromEntries(BORDERS.map((border) => [border, ''])),
    style: { 'padding-left': 2, 'padding-right': 0, head: [], border: [] },
    wordWrap: true,
    colWidths: widths(width),
  });
  table.push(['check', 'what', 'where', 'may it'].map((head) => dim(head)));
  for (const row of together(rights)) table.push(rowOf(row, paints));
  const all = toDo(rights);
  return [
    bold(region),
    table.toString(),
    ...(others.length === 0 ? [] : [dim(`  no right of their own: ${others.join(', ')}`)]),
    '',
    ...(all.length === 0 ? [] : [bold('  what to do'), ...byHost(all, paints), '']),
  ].join('\n');
}

const LEAST = 96;
const widths = (width: number): number[] => {
  const rest = Math.max(width, LEAST) - 42;
  return [26, Math.floor(rest * 0.45), 16, Math.ceil(rest * 0.55)];
};

type Row = Right & { readonly places: readonly string[] };

/** Rights that differ in their place only, as one. */
function together(rights: readonly Right[]): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const right of rights) {
    const { checks, what, may, needed, where } = right;
    const key = JSON.stringify([checks, what, may, needed]);
    const row = rows.get(key);
    rows.set(key, row === undefined ? { ...right, places: [where] } : joined(row, right));
  }
  return [...rows.values()];
}

const joined = (row: Row, { where, why }: Right): Row => {
  const whys = [row.why, why].filter((each) => each !== undefined);
  return {
    ...row,
    places: [...row.places, where],
    ...(whys.length > 0 && { why: [...new Set(whys)].join('; ') }),
  };
};

const WORDS = { yes: 'yes', no: 'no', unknown: 'not known' };

function rowOf({ checks, what, places, may, needed, why }: Row, { state }: Paints): string[] {
  const paint = state(may === 'yes' ? 'ok' : needed ? 'unknown' : 'warning');
  const word = `${WORDS[may]}${may === 'yes' || needed ? '' : ' (optional)'}`;
  return [
    checks.join(', '),
    what,
    places.join(', '),
    `${paint(word)}${why === undefined ? '' : `: ${oneLine(why)}`}`,
  ];
}

/** Lines to be copied are printed as they are: not wrapped, not coloured, and indented by spaces only. */
function byHost(all: readonly Remedy[], { dim }: Paints): readonly string[] {
  const hosts = [...new Set(all.map(({ host }) => host))];
  return hosts.flatMap((host) => [
    `  on ${host === 'primary' ? 'the primary' : host}`,
    ...all
      .filter((remedy) => remedy.host === host)
      .flatMap(({ into, lines }) => [
        dim(`    ${into}:`),
        ...lines.map((line) => `      ${oneLine(line)}`),
      ]),
  ]);
}

const BORDERS = [
  ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
  ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
];
