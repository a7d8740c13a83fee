import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Transition } from '../../alerts/transition.ts';
import { loadFaults } from './faults.ts';
import { untilInterrupted } from './interrupt.ts';
import * as lab from './lab.ts';
import { begin, isWell, until } from './messages.ts';
import { removeDirectory, someDirectory, type Watch } from './messages-watch.ts';

/*
 * `npm run lab -- detect [FAULT…]`: how long the running service takes to see a fault. One monitor watches all of
 * them, one after the other, each injected at a moment that its schedule does not know.
 */

/** One rule that a fault must make true, and when it was. */
export interface Detected {
  readonly fault: string;
  readonly rule: string;
  /** Seconds from the injected fault to the first look that saw it. */
  readonly seen: number;
  /** Seconds until the alert fired: what the rule waits for is part of it. */
  readonly fired?: number;
}

/** The longest until a fault is seen, and then until its alerts fire. */
const SEEN_WITHIN = 240_000;
const FIRES_WITHIN = 200_000;
const GETS_WELL = 480_000;

type Say = (line: string) => void;

/** What each rule came to after `since`; without those that were never true. */
export function detectedIn(
  fault: string,
  rules: readonly string[],
  transitions: readonly Transition[],
  since: number,
): readonly Detected[] {
  const after = (at: number): number => Math.round((at - since) / 100) / 10;
  return rules.flatMap((rule) => {
    const own = transitions.filter((each) => each.rule === rule && each.at >= since);
    const first = own.find(({ kind }) => kind === 'pend' || kind === 'fire');
    const fired = own.find(({ kind }) => kind === 'fire');
    if (first === undefined) return [];
    return [
      {
        fault,
        rule,
        seen: after(first.at),
        ...(fired !== undefined && { fired: after(fired.at) }),
      },
    ];
  });
}

async function detectOne(
  fault: string,
  rules: readonly string[],
  watched: Watch,
  { say, signal }: { readonly say: Say; readonly signal: AbortSignal },
): Promise<readonly Detected[]> {
  // What breaks while it is being injected may be seen before the injection has ended.
  const since = Date.now();
  await lab.inject(fault, say);
  const found = async (): Promise<readonly Detected[]> =>
    detectedIn(fault, rules, (await watched.known()).transitions, since);
  try {
    await until(
      watched,
      SEEN_WITHIN,
      ({ transitions }) => detectedIn(fault, rules, transitions, since).length === rules.length,
      signal,
    );
    await until(
      watched,
      FIRES_WITHIN,
      ({ transitions }) =>
        detectedIn(fault, rules, transitions, since).every(({ fired }) => fired !== undefined),
      signal,
    );
    return await found();
  } finally {
    await lab.heal(fault, say);
    watched.reload();
  }
}

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

function tableOf(found: readonly Detected[]): string {
  return [
    row(['fault', 'rule', 'seen after', 'alert after']),
    row(['---', '---', '--:', '--:']),
    ...found.map(({ fault, rule, seen, fired }) =>
      row([fault, rule, `${seen} s`, fired === undefined ? 'not within 200 s' : `${fired} s`]),
    ),
  ].join('\n');
}

interface Wanted {
  readonly faults: readonly (readonly [name: string, rules: readonly string[]])[];
  /** A file that gets one line of JSON for each rule that was seen. */
  readonly out: string | undefined;
}

/** @throws RangeError for a fault that there is not. */
async function wantedIn(args: readonly string[]): Promise<Wanted> {
  const options = { out: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
  const known = await loadFaults();
  const names = positionals.length > 0 ? positionals : [...known.keys()];
  return {
    faults: names.map((name) => {
      const fault = known.get(name);
      if (fault === undefined) throw new RangeError(`there is no fault ${name}`);
      return [name, rulesOf([...fault.sees, ...(fault.fromHistory ?? [])])];
    }),
    out: values.out,
  };
}

/** The whole program. Returns the exit code: 0 when every fault was seen in every way that it names. */
export async function detect(
  args: readonly string[],
  say: Say,
  print: (text: string) => void,
): Promise<number> {
  const { faults, out } = await wantedIn(args);
  const ours = !lab.exists();
  await lab.up(say);
  const signal = untilInterrupted(say);
  const folder = someDirectory();
  const all: Detected[] = [];
  const watched = await begin({ directory: join(folder, 'detect'), say, signal });
  try {
    for (const [fault, rules] of faults) {
      const found = await detectOne(fault, rules, watched, { say, signal });
      all.push(...found);
      for (const each of found)
        if (out !== undefined) appendFileSync(out, `${JSON.stringify(each)}\n`);
      if (!(await until(watched, GETS_WELL, isWell, signal)))
        say(`${fault}: healed, and not well in all checks within ${GETS_WELL / 1000} s`);
    }
  } finally {
    await watched.stop();
    print(tableOf(all));
    removeDirectory(folder);
    if (ours) await lab.down();
  }
  const unseen = faults.flatMap(([fault, rules]) =>
    rules.filter((rule) => !all.some((each) => each.fault === fault && each.rule === rule)),
  );
  if (unseen.length > 0) say(`not seen within ${SEEN_WITHIN / 1000} s: ${unseen.join(', ')}`);
  return unseen.length === 0 ? 0 : 1;
}

/** The names in what a fault shows: some stand with the values of their labels. */
const rulesOf = (sees: readonly string[]): readonly string[] => [
  ...new Set(sees.flatMap((each) => each.split(' ')[0] ?? [])),
];
