import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  FieldColorBuilder,
  FieldColorModeId,
} from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import * as big from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as grid from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import type { Settings } from '../src/generate/declared.ts';
import { promDuration, SCRAPE_INTERVAL } from '../src/generate/promql.ts';
import { thresholdsOf } from './limits.ts';
import { COLOUR, mappingsOf, type Words } from './look.ts';
import type {
  Asked,
  Bars,
  Heat,
  Lines,
  OfStates,
  PanelSpec,
  Stat,
  Table,
  Timeline,
  Wording,
} from './panels.ts';
import type { Queries } from './queries.ts';
import { columnsOf, letter } from './columns.ts';

/** Whichever Prometheus is chosen at the top of the dashboard. */
export const DATASOURCE: common.DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

/** What the SDK's builders of panels have in common. */
export type AnyPanel =
  | big.PanelBuilder
  | statetimeline.PanelBuilder
  | timeseries.PanelBuilder
  | bargauge.PanelBuilder
  | heatmap.PanelBuilder
  | grid.PanelBuilder;

/** A panel as Grafana draws it, without id and place. */
export function drawn(spec: PanelSpec, q: Queries, settings: Settings): AnyPanel {
  const panel = bare(spec, q, settings);
  const rules = judging(spec, q);
  panel
    .title(spec.title)
    .description(described(spec, rules, settings))
    .datasource(DATASOURCE)
    .interval(promDuration(SCRAPE_INTERVAL))
    .noValue(spec.absent)
    .links(
      rules.map((rule) =>
        new DashboardLinkBuilder(rule)
          .type(DashboardLinkType.Link)
          .url(`${settings.publicUrl}/runbooks/${rule}?region=$region`)
          .targetBlank(true),
      ),
    );
  return panel;
}

/** The rules that judge what a panel shows, each once, then those that it names itself. */
function judging(spec: PanelSpec, q: Queries): readonly string[] {
  const shown = spec.asks.flatMap(({ expr }) => expr(q).match(/\bmaasha_\w+/g) ?? []);
  const judged = shown.flatMap((name) => (q.has(name) ? q.rulesOf(name) : []));
  return [...new Set([...judged.map(({ name }) => name), ...(spec.alerts ?? [])])];
}

const described = (
  { about }: PanelSpec,
  rules: readonly string[],
  { publicUrl }: Settings,
): string =>
  rules.length === 0
    ? about
    : `${about}\n\nAlerts, with their runbooks: ${rules
        .map((rule) => `[${rule}](${publicUrl}/runbooks/${rule})`)
        .join(', ')}.`;

function bare(spec: PanelSpec, q: Queries, settings: Settings): AnyPanel {
  switch (spec.kind) {
    case 'stat':
      return asStat(spec, q);
    case 'timeline':
      return asTimeline(spec, q);
    case 'lines':
      return asLines(spec, q);
    case 'bars':
      return asBars(spec, q);
    case 'heat':
      return asHeat(spec, q);
    case 'table':
      return asTable(spec, q, settings);
  }
}

/** Values of now are asked for now: the newest of a range would show what has long ceased to be. */
const now = ({ expr, legend }: Asked, index: number, q: Queries): DataqueryBuilder =>
  target(expr(q), legend, index).instant();

const overTime = ({ expr, legend }: Asked, index: number, q: Queries): DataqueryBuilder =>
  target(expr(q), legend, index).range();

const target = (expr: string, legend: string | undefined, index: number): DataqueryBuilder =>
  new DataqueryBuilder()
    .datasource(DATASOURCE)
    .refId(letter(index))
    .expr(expr)
    .legendFormat(legend ?? '{{region}}');

/** The words of a wording. */
function wordsOf(wording: Wording, q: Queries): Words {
  if (isOfStates(wording)) return { ...wording.and, ...q.wordsOf(wording.statesOf) };
  return wording;
}

const isOfStates = (wording: Wording): wording is OfStates =>
  'statesOf' in wording && typeof wording.statesOf === 'string';

/** Judged values are good unless a rule says otherwise; a value for which there ought to be words is unknown. */
const limitsOf = (
  { limits, words }: { readonly limits?: readonly string[]; readonly words?: Wording },
  q: Queries,
) =>
  thresholdsOf(
    (limits ?? []).flatMap((name) => q.rulesOf(name)),
    limits !== undefined ? 'good' : words !== undefined ? 'unknown' : 'note',
  );

const byThresholds = (): FieldColorBuilder =>
  new FieldColorBuilder().mode(FieldColorModeId.Thresholds);

const newest = (): common.ReduceDataOptionsBuilder =>
  new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false);

function asStat(spec: Stat, q: Queries): AnyPanel {
  const panel = new big.PanelBuilder()
    .targets(spec.asks.map((asked, index) => now(asked, index, q)))
    .unit(spec.unit)
    .mappings(spec.words === undefined ? [] : mappingsOf(wordsOf(spec.words, q)))
    .thresholds(limitsOf(spec, q))
    .colorScheme(byThresholds())
    .reduceOptions(newest())
    .graphMode(common.BigValueGraphMode.None)
    .colorMode(common.BigValueColorMode.Background)
    .justifyMode(common.BigValueJustifyMode.Auto)
    .textMode(
      spec.shows === 'name' ? common.BigValueTextMode.Name : common.BigValueTextMode.ValueAndName,
    );
  return spec.decimals === undefined ? panel : panel.decimals(spec.decimals);
}

const asTimeline = (spec: Timeline, q: Queries): AnyPanel =>
  new statetimeline.PanelBuilder()
    .targets(spec.asks.map((asked, index) => overTime(asked, index, q)))
    .unit('none')
    .mappings(mappingsOf(wordsOf(spec.words, q)))
    .thresholds(limitsOf(spec, q))
    .colorScheme(byThresholds())
    .showValue(common.VisibilityMode.Auto)
    .mergeValues(true)
    .spanNulls(false)
    .rowHeight(0.85)
    .perPage(40)
    .legend(new common.VizLegendOptionsBuilder().showLegend(false))
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Single));

function asLines(spec: Lines, q: Queries): AnyPanel {
  const panel = new timeseries.PanelBuilder()
    .targets(spec.asks.map((asked, index) => overTime(asked, index, q)))
    .unit(spec.unit)
    .thresholds(limitsOf(spec, q))
    .thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(
        spec.limits === undefined
          ? common.GraphThresholdsStyleMode.Off
          : common.GraphThresholdsStyleMode.Dashed,
      ),
    )
    .spanNulls(false)
    .lineWidth(2)
    .fillOpacity(spec.stacked === true ? 30 : 5)
    .showPoints(common.VisibilityMode.Auto)
    .legend(new common.VizLegendOptionsBuilder().showLegend(true))
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi));
  if (spec.stacked === true)
    panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
  if (spec.min !== undefined) panel.min(spec.min);
  return spec.max === undefined ? panel : panel.max(spec.max);
}

function asBars(spec: Bars, q: Queries): AnyPanel {
  const panel = new bargauge.PanelBuilder()
    .targets(spec.asks.map((asked, index) => now(asked, index, q)))
    .unit(spec.unit)
    .min(spec.min)
    .thresholds(limitsOf(spec, q))
    .colorScheme(byThresholds())
    .reduceOptions(newest())
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic);
  return spec.max === undefined ? panel : panel.max(spec.max);
}

const asHeat = (spec: Heat, q: Queries): AnyPanel =>
  new heatmap.PanelBuilder()
    .targets(
      spec.asks.map((asked, index) => overTime(asked, index, q).format(PromQueryFormat.Heatmap)),
    )
    .unit(spec.unit)
    .yAxis(new heatmap.YAxisConfigBuilder().unit(spec.unit))
    .exemplarsColor(COLOUR.note);

function asTable(spec: Table, q: Queries, settings: Settings): AnyPanel {
  const panel = new grid.PanelBuilder()
    .targets(spec.asks.map((asked, index) => now(asked, index, q).format(PromQueryFormat.Table)))
    .unit('none')
    .thresholds(limitsOf({}, q))
    .showHeader(true);
  return columnsOf(panel, spec, (wording) => wordsOf(wording, q), settings);
}
