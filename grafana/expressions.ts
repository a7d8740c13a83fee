import type { AnnotationQuery, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { ClassicDashboard } from './classic.ts';

/** One PromQL expression of a dashboard, its variables not yet filled in. */
export interface Expression {
  readonly dashboard: string;
  readonly from: 'panel' | 'annotation' | 'variable';
  /** The panel's title, or the name of the annotation or variable. */
  readonly title: string;
  readonly refId: string;
  readonly expr: string;
  /** Asked for one moment; otherwise for a range. */
  readonly instant: boolean;
  /** How a series is called. */
  readonly legend: string;
}

interface Target {
  readonly refId?: string;
  readonly expr?: string;
  readonly instant?: boolean;
  readonly legendFormat?: string;
}

/** Every panel of a dashboard but the titles of rows, those in collapsed rows included. */
export const panelsOf = ({ panels = [] }: Pick<ClassicDashboard, 'panels'>): readonly Panel[] =>
  panels.flatMap((panel) => (isRow(panel) ? panel.panels : [panel]));

const isRow = (panel: Panel | RowPanel): panel is RowPanel => panel.type === 'row';

/** All expressions of a dashboard, in the order in which they stand there. */
export function expressionsOf(dashboard: ClassicDashboard): readonly Expression[] {
  const of = (from: Expression['from'], title: string, target: Target): Expression => ({
    dashboard: dashboard.uid ?? '',
    from,
    title,
    refId: target.refId ?? '',
    expr: target.expr ?? '',
    instant: target.instant === true,
    legend: target.legendFormat ?? '',
  });
  return [
    ...panelsOf(dashboard).flatMap(({ title = '', targets = [] }) =>
      targets.map((target) => of('panel', title, target as unknown as Target)),
    ),
    ...(dashboard.annotations.list ?? []).flatMap((annotation) =>
      isOfPrometheus(annotation) ? [of('annotation', annotation.name, annotation)] : [],
    ),
    ...(dashboard.templating.list ?? []).flatMap(({ name, query }) => {
      const expr = seriesAsked(query);
      return expr === undefined ? [] : [of('variable', name, { expr, instant: true })];
    }),
  ];
}

const isOfPrometheus = (annotation: AnnotationQuery): annotation is AnnotationQuery & Target =>
  'expr' in annotation;

/** The series of `label_values(series, label)`, which is no PromQL itself. */
function seriesAsked(query: unknown): string | undefined {
  const text =
    typeof query === 'object' && query !== null && 'query' in query ? query.query : query;
  if (typeof text !== 'string') return undefined;
  return /^label_values\((.+),\s*\w+\)$/.exec(text)?.[1];
}
