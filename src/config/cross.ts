import type { Check } from '../core/check.ts';
import { MONITOR } from '../core/ports/monitor.ts';
import type { KnownChannel } from './alerting.ts';
import { closest } from './closest.ts';
import { show, type Problem } from './problem.ts';

/** What the configuration may refer to: the installed checks, and whether a schedule can be planned. */
export interface Known {
  readonly checks: readonly Check[];
  /** The expected form when `every` is no schedule; undefined when it is one. */
  readonly scheduleProblem: (every: string) => string | undefined;
  /** The installed alert channels. */
  readonly channels?: readonly KnownChannel[];
}

type Path = readonly PropertyKey[];
type Loose = Readonly<Record<string, unknown>>;

const record = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

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

function regionProblems(region: Loose, at: Path): readonly Problem[] {
  const nodes = list(region['nodes']).map(record);
  const clusters = list(region['clusters']).map(record);
  const names = nodes.map(({ name }) => name);
  const declared = region['declared_primary'];
  const pgpool = record(region['pgpool']);
  return [
    ...(region['name'] === MONITOR.name
      ? [problem([...at, 'name'], MONITOR.name, 'another name: the monitor itself has this one')]
      : []),
    ...repeated(names, (index) => [...at, 'nodes', index, 'name'], 'each node’s name once'),
    ...repeated(
      [region['vip'], ...nodes.map(({ address }) => address)],
      (index) => (index === 0 ? [...at, 'vip'] : [...at, 'nodes', index - 1, 'address']),
      'an address of its own for the VIP and for each node',
    ),
    ...repeated(
      clusters.map(({ name }) => name),
      (index) => [...at, 'clusters', index, 'name'],
      'each cluster’s name once',
    ),
    ...repeated(
      list(record(region['dns'])['zones']),
      (index) => [...at, 'dns', 'zones', index],
      'each zone once',
    ),
    ...(typeof declared === 'string' && names.length > 0 && !names.includes(declared)
      ? [
          problem(
            [...at, 'declared_primary'],
            declared,
            `one of the nodes: ${names.map(String).join(', ')}`,
          ),
        ]
      : []),
    ...('pcp_user' in pgpool !== 'pcp_password_file' in pgpool
      ? [
          problem(
            [...at, 'pgpool'],
            undefined,
            'pcp_user and pcp_password_file together, or neither',
          ),
        ]
      : []),
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

/** Every value after the first of its kind. */
const repeated = (
  values: readonly unknown[],
  at: (index: number) => Path,
  expected: string,
): readonly Problem[] =>
  values.flatMap((value, index) =>
    value !== undefined && values.indexOf(value) < index
      ? [problem(at(index), `${show(value)} a second time`, expected, true)]
      : [],
  );

const problem = (path: Path, found: unknown, expected: string, literal = false): Problem => ({
  path,
  found: literal ? String(found) : show(found),
  expected,
});
