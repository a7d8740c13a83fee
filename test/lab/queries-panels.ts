import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expressionsOf, panelsOf, type Expression } from '../../grafana/expressions.ts';

/*
 * What the committed dashboards ask, and how they show what comes of it: each value in the panel's words.
 */

/** An expression with what its values are called; a value without a word is shown as a number. */
export interface Asked extends Expression {
  readonly words: Readonly<Record<string, string>>;
}

type Dashboard = Parameters<typeof expressionsOf>[0];

/** Values for the variables of the dashboards, each a regular expression. */
export type Filling = Readonly<Record<string, string>>;

const DASHBOARDS = join(import.meta.dirname, '..', '..', 'grafana', 'dashboards');

/** Every expression of every dashboard that is committed. */
export const askedByDashboards = (): readonly Asked[] => dashboards().flatMap(asked);

const dashboards = (): readonly Dashboard[] =>
  readdirSync(DASHBOARDS)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(DASHBOARDS, name), 'utf8')) as Dashboard);

function asked(dashboard: Dashboard): readonly Asked[] {
  const panels = new Map(panelsOf(dashboard).map((panel) => [panel.title ?? '', panel as Mapped]));
  return expressionsOf(dashboard).map((expression) => {
    const panel = expression.from === 'panel' ? panels.get(expression.title) : undefined;
    return { ...expression, words: panel === undefined ? {} : wordsOf(panel, expression.refId) };
  });
}

interface Mapping {
  readonly type: string;
  readonly options: Readonly<Record<string, { readonly text?: string }>>;
}

/** As much of a panel as says what its values are called. */
interface Mapped {
  readonly fieldConfig?: {
    readonly defaults?: { readonly mappings?: readonly unknown[] };
    readonly overrides?: readonly {
      readonly matcher: { readonly id: string; readonly options?: unknown };
      readonly properties: readonly { readonly id: string; readonly value?: unknown }[];
    }[];
  };
  readonly transformations?: readonly { readonly id: string; readonly options?: unknown }[];
}

interface Organised {
  readonly renameByName?: Readonly<Record<string, string>>;
}

/** The words for the values of one query: of its column in a table, else those of the whole panel. */
function wordsOf(panel: Mapped, refId: string): Asked['words'] {
  const own = [`Value #${refId}`, 'Value'];
  const columns = (panel.transformations ?? []).flatMap(({ options }) => {
    const names = (options as Organised | undefined)?.renameByName ?? {};
    return own.flatMap((name) => names[name] ?? []);
  });
  const mappings = (panel.fieldConfig?.overrides ?? [])
    .filter(({ matcher }) => [...own, ...columns, refId].includes(String(matcher.options)))
    .flatMap(({ properties }) => properties)
    .filter(({ id }) => id === 'mappings')
    .flatMap(({ value }) => value as readonly Mapping[]);
  const usual = (panel.fieldConfig?.defaults?.mappings ?? []) as readonly Mapping[];
  return Object.fromEntries(
    [...usual, ...mappings]
      .filter(({ type }) => type === 'value')
      .flatMap(({ options }) => Object.entries(options))
      .flatMap(([value, { text }]) => (text === undefined ? [] : [[value, text] as const])),
  );
}

/** The variables of the dashboards that are asked of Prometheus, with where their values come from. */
export const variables = (): readonly { readonly name: string; readonly label: string }[] =>
  dashboards().flatMap(({ templating }) =>
    (templating.list ?? []).flatMap(({ name, query }) => {
      const text = typeof query === 'object' ? JSON.stringify(query) : (query ?? '');
      const label = /label_values\(.+,\s*(\w+)\)/.exec(text)?.[1];
      return label === undefined ? [] : [{ name, label }];
    }),
  );

/** What begins with a digit is no variable but a group that `label_replace` found. */
const VARIABLE = /\$(?:\{(?<braced>[a-z_]\w*)(?::\w+)?\}|(?<bare>[a-z_]\w*))/gi;

/** The expression as Grafana would send it. @throws Error for a variable that nothing is given for. */
export const filled = ({ expr, dashboard, title }: Asked, given: Filling): string =>
  expr.replaceAll(VARIABLE, (whole, braced?: string, bare?: string) => {
    const value = given[braced ?? bare ?? ''];
    if (value === undefined)
      throw new Error(`${dashboard}, ${title}: nothing is known of the variable ${whole}: ${expr}`);
    return value;
  });
