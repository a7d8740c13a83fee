import { identityLabels } from '../../../alerts/identity.ts';
import type { Rule } from '../../core/rule.ts';
import { dashboardOf } from '../dashboard-of.ts';
import type { Settings } from '../declared.ts';
import type { Judged } from './expression.ts';

/*
 * What an alert says, as Prometheus' templates (text/template of Go, whose own `urlquery` escapes as
 * a browser's form does, which is what our links have).
 */

/** One annotation, as a template and as what it comes to. */
export interface Annotation {
  readonly template: string;
  /** `value` undefined: not seen now. */
  readonly filled: (labels: Readonly<Record<string, string>>, value: number | undefined) => string;
}

const NOT_SEEN = 'not now: its check cannot see everything, so nobody knows that it is over';
const SEEN = 'at its last look';

/** All annotations of a rule. */
export function annotationsOf(
  { rule, check }: Judged,
  settings: Settings,
): Readonly<Record<string, Annotation>> {
  const identity = ['region', ...identityLabels(rule)];
  const runbook = `${settings.publicUrl}/runbooks/${rule.name}`;
  const dashboard = `${settings.grafanaUrl}/d/${dashboardOf(check)}`;
  return {
    summary: sentence(rule),
    runbook_url: link(`${runbook}?`, identity, (label) => label),
    dashboard_url: link(`${dashboard}?`, ['region'], (label) => `var-${label}`),
    value: choice('unknown', number(rule)),
    seen: choice(NOT_SEEN, { template: SEEN, filled: () => SEEN }),
  };
}

/** The rule's sentence with its labels and its value. What `where` fixes is the same for all its alerts. */
function sentence(rule: Rule): Annotation {
  const { where = {} } = rule;
  const identity = identityLabels(rule);
  const parts = rule.summary.split(/\{(\w+)\}/).map((text, index): Annotation => {
    if (index % 2 === 0) return plain(text);
    if (text === 'value') return choice('?', number(rule));
    if (where[text] !== undefined) return plain(where[text]);
    if (identity.includes(text))
      return {
        template: `{{ $labels.${text} }}`,
        filled: (labels) => labels[text] ?? '',
      };
    throw new Error(
      `${rule.name}: its summary has {${text}}; expected {value} or one of its labels ${identity.join(', ')}`,
    );
  });
  return {
    template: parts.map(({ template }) => template).join(''),
    filled: (labels, value) => parts.map(({ filled }) => filled(labels, value)).join(''),
  };
}

/** A share with the digits that carry meaning, all else whole: what has no unit here is a count. */
function number({ metric }: Rule): Annotation {
  const share = metric.name.endsWith('_ratio');
  return {
    template: share ? '{{ printf "%.3g" $value }}' : '{{ printf "%.0f" $value }}',
    filled: (_, value = NaN) =>
      share ? String(Number(value.toPrecision(3))) : String(Math.round(value)),
  };
}

/** NaN is what the expression gives for what is not seen; it is the only number that differs from itself. */
const choice = (unseen: string, seen: Annotation): Annotation => ({
  template: `{{ if ne $value $value }}${unseen}{{ else }}${seen.template}{{ end }}`,
  filled: (labels, value) => (value === undefined ? unseen : seen.filled(labels, value)),
});

function link(
  start: string,
  labels: readonly string[],
  parameter: (label: string) => string,
): Annotation {
  return {
    template:
      start + labels.map((each) => `${parameter(each)}={{ $labels.${each} | urlquery }}`).join('&'),
    filled: (values) =>
      start +
      new URLSearchParams(
        labels.map((each): [string, string] => [parameter(each), values[each] ?? '']),
      ).toString(),
  };
}

const plain = (text: string): Annotation => ({
  template: text.replaceAll('{{', '{{ "{{" }}'),
  filled: () => text,
});
