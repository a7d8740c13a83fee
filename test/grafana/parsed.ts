import { parser } from '@prometheus-io/lezer-promql';

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

/** One selector of an expression. */
export interface Selected {
  readonly name: string;
  /** Label, operator with value as written. */
  readonly matchers: readonly { readonly label: string; readonly value: string }[];
}

/** Labels that an aggregation or a join names, and what it has them from. */
export interface Grouped {
  readonly labels: readonly string[];
  readonly from: readonly Selected[];
  /** Labels that the expression itself makes. */
  readonly created: readonly string[];
}

export interface Parsed {
  readonly errors: number;
  readonly selected: readonly Selected[];
  readonly grouped: readonly Grouped[];
  /** Names of metrics that stand directly under rate, increase or their like. */
  readonly counted: readonly string[];
}

const VARIABLE = /\$__(rate_)?interval/g;

/** Prometheus' own grammar; Grafana's variables stand for a duration there. */
export function parsed(expression: string): Parsed {
  const text = expression.replace(VARIABLE, '1m');
  const tree = parser.parse(text);
  const all = (node: SyntaxNode, name: string): SyntaxNode[] => {
    const found: SyntaxNode[] = [];
    node.cursor().iterate((each) => {
      if (each.name === name) found.push(each.node);
    });
    return found;
  };
  const of = (node: SyntaxNode): string => text.slice(node.from, node.to);
  const selectors = (node: SyntaxNode): readonly Selected[] =>
    all(node, 'VectorSelector').map((each) => ({
      name: of(each.getChild('Identifier') ?? each),
      matchers: all(each, 'UnquotedLabelMatcher').map((matcher) => {
        const label = matcher.getChild('LabelName');
        const value = matcher.getChild('StringLiteral');
        return {
          label: label === null ? '' : of(label),
          value: value === null ? '' : of(value).slice(1, -1),
        };
      }),
    }));
  const created = (node: SyntaxNode): readonly string[] =>
    all(node, 'FunctionCall')
      .filter((call) => of(call).startsWith('label_replace'))
      .flatMap((call) => {
        const strings = all(call, 'StringLiteral').map((each) => of(each).slice(1, -1));
        return strings.slice(-4, -3);
      });
  const top = tree.topNode;
  const groupings = all(top, 'GroupingLabels').flatMap((node) => {
    const over = node.parent?.parent;
    if (over === null || over === undefined) return [];
    const labels = all(node, 'LabelName').map(of);
    return [{ labels, from: selectors(over), created: created(over) }];
  });
  return {
    errors: all(top, '⚠').length,
    selected: selectors(top),
    grouped: groupings,
    counted: all(top, 'FunctionCall')
      .filter((call) => /^(rate|increase|irate|resets)\b/.test(of(call)))
      .flatMap((call) => selectors(call).map(({ name }) => name)),
  };
}
