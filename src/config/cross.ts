import type { Check } from '../core/check.ts';
import type { KnownChannel } from './alerting.ts';
import { closest } from './closest.ts';
import { regionProblems } from './cross-region.ts';
import { list, problem, record, repeated, type Loose, type Path } from './loose.ts';
import { show, type Problem } from './problem.ts';

/** What the configuration may refer to: the installed checks, and whether a schedule can be planned. */
export interface Known {
  readonly checks: readonly Check[];
  /** The expected form when `every` is no schedule; undefined when it is one. */
  readonly scheduleProblem: (every: string) => string | undefined;
  /** The installed alert channels. */
  readonly channels?: readonly KnownChannel[];
  /** Nobody is told anything by this process: the section is checked, and the files that it names are not read. */
  readonly alerting?: 'unused';
}

/**
 * Mistakes that only show when several values are seen together. Works on the file's content as it
 * is, so that these are reported along with mistakes of shape instead of after them.
 */
export function crossProblems(content: unknown, known: Known): readonly Problem[] {
  const regions = list(record(content)['regions']).map(record);
  return [
    ...repeated(
      regions.map(({ name }) => name),
      (index) => ['regions', index, 'name'],
      'each region’s name once',
    ),
    ...alertingProblems(record(record(content)['alerting']), known),
    ...regions.flatMap((region, index) => regionProblems(region, ['regions', index])),
    ...Object.entries(record(record(content)['checks'])).flatMap(([name, change]) =>
      checkProblems(name, record(change), known),
    ),
  ];
}

/** Two channels of one name; windows about rules or regions that are not there. */
function alertingProblems(alerting: Loose, { checks, channels = [] }: Known): readonly Problem[] {
  const sections = channels.flatMap(({ name: key }) => {
    const found = alerting[key];
    if (Array.isArray(found))
      return found.map((section, index) => ({
        name: record(section)['name'] ?? key,
        path: ['alerting', key, index, 'name'],
      }));
    return found === undefined
      ? []
      : [{ name: record(found)['name'] ?? key, path: ['alerting', key, 'name'] }];
  });
  const rules = checks.flatMap((check) => check.rules.map(({ name }): string => name));
  return [
    ...repeated(
      sections.map(({ name }) => name),
      (index) => sections[index]?.path ?? [],
      'a name of its own for each channel',
    ),
    ...list(alerting['maintenance']).flatMap((window, index) =>
      list(record(window)['rules'])
        .filter((rule) => !rules.includes(String(rule)))
        .map((rule) =>
          problem(
            ['alerting', 'maintenance', index, 'rules'],
            rule,
            `the name of an alert${closest(String(rule), rules)}`,
          ),
        ),
    ),
  ];
}

function checkProblems(name: string, change: Loose, known: Known): readonly Problem[] {
  const names = known.checks.map((check) => check.name);
  const check = known.checks.find((each) => each.name === name);
  if (check === undefined)
    return [
      problem(
        ['checks', name],
        `check ${show(name)}`,
        `one of ${names.join(', ')}${closest(name, names)}`,
        true,
      ),
    ];
  const every = change['every'];
  const schedule = typeof every === 'string' ? known.scheduleProblem(every) : undefined;
  const rules = check.rules.map((rule) => rule.name);
  return [
    ...(schedule === undefined ? [] : [problem(['checks', name, 'every'], every, schedule)]),
    ...(every !== undefined && check.needs !== undefined
      ? [
          problem(
            ['checks', name, 'every'],
            every,
            `no schedule: ${name} follows ${check.needs.join(', ')}`,
          ),
        ]
      : []),
    ...Object.entries(record(change['rules'])).flatMap(([rule, wanted]) =>
      ruleProblems(check, rule, record(wanted), ['checks', name, 'rules', rule], rules),
    ),
  ];
}

function ruleProblems(
  check: Check,
  name: string,
  wanted: Loose,
  at: Path,
  names: readonly string[],
): readonly Problem[] {
  const rule = check.rules.find((each) => each.name === name);
  if (rule === undefined)
    return [
      problem(at, `rule ${show(name)}`, `one of ${names.join(', ')}${closest(name, names)}`, true),
    ];
  const kind = Object.keys(rule.when)[0] ?? '';
  return ['above', 'below', 'equal']
    .filter((word) => word in wanted && word !== kind)
    .map((word) => problem([...at, word], word, `${kind}: this rule compares with ${kind}`, true));
}
