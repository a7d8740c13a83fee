import { findConfig } from '../config/load.ts';
import type { Check } from '../core/check.ts';
import type { Region } from '../core/region.ts';
import type { Condition, Rule } from '../core/rule.ts';
import { formatDuration } from '../core/time.ts';
import { loadChecks } from '../runtime/catalogue.ts';
import { absenceOf, isOfMonitor } from '../runtime/plan.ts';
import { colours } from './colours.ts';
import { chosenRegions, setup, type Setup } from './setup.ts';

interface Options {
  readonly config?: string;
  readonly region?: string;
  readonly json?: boolean;
}

/**
 * `maasha list`: the catalogue as the configuration leaves it, and which regions have nothing for a
 * check to look at; as it is delivered where there is no configuration. With a region: every check
 * that there is, and why those do not exist there that do not.
 */
export async function list(options: Options): Promise<void> {
  if (options.region === undefined && findConfig(options.config) === undefined) {
    print(
      (await loadChecks()).map((check) => listed(check, [])),
      options,
    );
    return;
  }
  const site = await setup(options.config);
  if (options.region === undefined)
    print(
      site.checks.map((check) => listed(check, site.config.regions)),
      options,
    );
  else for (const region of chosenRegions(site, options.region)) printRegion(site, region, options);
}

interface Lack {
  readonly region: string;
  readonly why: string;
}
interface Listed {
  readonly check: Check;
  /** The regions in which it does not exist. */
  readonly lacking: readonly Lack[];
}

const listed = (check: Check, regions: readonly Region[]): Listed => ({
  check,
  lacking: regions.flatMap((region) => {
    const why = absenceOf(check, region);
    return why === undefined ? [] : [{ region: region.name, why }];
  }),
});

function print(all: readonly Listed[], { json }: Options): void {
  process.stdout.write(
    json === true
      ? `${JSON.stringify(
          all.map(({ check, lacking }) => ({ ...asJson(check), absent: lacking })),
          null,
          2,
        )}\n`
      : all.map(asText).join('\n'),
  );
}

function printRegion(site: Setup, region: Region, { json }: Options): void {
  const all = site.catalogue.map((delivered) => {
    const check = site.checks.find(({ name }) => name === delivered.name);
    return { check: check ?? delivered, why: whyNot(delivered, check, site, region) };
  });
  if (json === true) {
    const found = all.map(({ check, why }) => ({
      ...asJson(check),
      here: why === undefined,
      ...(why !== undefined && { why }),
    }));
    process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    return;
  }
  const { bold, dim } = colours(process.stdout);
  const width = Math.max(...all.map(({ check }) => check.name.length));
  const places = region.nodes.map(({ name, address }) => `${name} (${address})`).join(', ');
  process.stdout.write(
    [
      `${bold(region.name)}  VIP ${region.vip}, nodes ${places}`,
      ...all.map(({ check, why }) =>
        why === undefined
          ? `  ${check.name.padEnd(width)}  ${timing(check)}`
          : dim(`  ${check.name.padEnd(width)}  not here: ${why}`),
      ),
      '',
    ].join('\n'),
  );
}

/** Why a check is not run in a region; undefined where it is. */
function whyNot(
  delivered: Check,
  inUse: Check | undefined,
  { config, checks }: Setup,
  region: Region,
): string | undefined {
  if (isOfMonitor(delivered)) return 'it looks at the monitor itself, once per service';
  if (inUse !== undefined) return absenceOf(inUse, region);
  const gone = (delivered.needs ?? []).filter((need) => !checks.some(({ name }) => name === need));
  return config.checks[delivered.name]?.enabled === false
    ? 'it is switched off in the configuration'
    : `it follows ${gone.join(', ')}, switched off in the configuration`;
}

function timing(check: Check): string {
  const { needs, every, timeout } = check;
  const when = needs === undefined ? `every ${every}` : `after ${needs.join(', ')}`;
  const once = isOfMonitor(check) ? ', once per service' : '';
  return `${when}${once}, at most ${formatDuration(timeout)}`;
}

function asText({ check, lacking }: Listed): string {
  const { bold, dim } = colours(process.stdout);
  const rules = check.rules.map(
    (rule) =>
      `  ${rule.severity.padEnd(8)} ${rule.name}  ${dim(`${rule.metric.name}${selector(rule.where)} ${words(rule.when)} for ${formatDuration(rule.for)}`)}`,
  );
  const lines = [
    `${bold(check.name)}  ${dim(timing(check))}`,
    `  ${check.about}`,
    ...lacking.map(({ region, why }) => `  not in ${region}: ${why}`),
    ...rules,
  ];
  return `${lines.join('\n')}\n`;
}

const selector = (where: Rule['where'] = {}): string => {
  const pairs = Object.entries(where).map(([label, value]) => `${label}="${value}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

const words = (condition: Condition): string =>
  Object.entries(condition)
    .map(([word, value]) => `${word} ${value}`)
    .join(' ');

const asJson = ({ name, about, every, timeout, scope, needs, metrics, rules }: Check) => ({
  name,
  about,
  every,
  timeout,
  scope,
  needs,
  metrics: metrics.map(({ name: metric, help, labels }) => ({ name: metric, help, labels })),
  rules: rules.map((rule) => ({ ...rule, metric: rule.metric.name })),
});
