import { findConfig } from '../config/load.ts';
import type { Check } from '../core/check.ts';
import type { Condition, Rule } from '../core/rule.ts';
import { formatDuration } from '../core/time.ts';
import { loadChecks } from '../runtime/catalogue.ts';
import { colours } from './colours.ts';
import { setup } from './setup.ts';

/** `maasha list`: the catalogue as the configuration leaves it; as it is delivered where there is none. */
export async function list(options: {
  readonly config?: string;
  readonly json?: boolean;
}): Promise<void> {
  const configured = findConfig(options.config) !== undefined;
  const checks = configured ? (await setup(options.config)).checks : await loadChecks();
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(checks.map(asJson), null, 2)}\n`
      : checks.map(asText).join('\n'),
  );
}

function asText(check: Check): string {
  const { bold, dim } = colours(process.stdout);
  const when = [
    check.needs === undefined ? `every ${check.every}` : `after ${check.needs.join(', ')}`,
    ...(check.scope === undefined ? [] : ['once per service']),
  ].join(', ');
  const rules = check.rules.map(
    (rule) =>
      `  ${rule.severity.padEnd(8)} ${rule.name}  ${dim(`${rule.metric.name}${selector(rule.where)} ${words(rule.when)} for ${formatDuration(rule.for)}`)}`,
  );
  return `${bold(check.name)}  ${dim(`${when}, at most ${formatDuration(check.timeout)}`)}\n  ${check.about}\n${rules.join('\n')}\n`;
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
