import { dashboards } from '../../grafana/dashboards.ts';
import type { Declared, Settings } from './declared.ts';

/** A panel of a dashboard, with the metrics that its queries name. */
export interface Panel {
  readonly dashboard: string;
  readonly title: string;
  readonly metrics: readonly string[];
}

/** As much of Grafana's model as is asked here. */
interface Drawn {
  readonly title?: string;
  readonly targets?: readonly { readonly expr?: string }[];
  readonly panels?: readonly Drawn[];
}

/** Which panels show which metrics: read from what is generated, so that it cannot claim anything else. */
export async function panelsShowing(
  declared: Declared,
  settings: Settings,
): Promise<readonly Panel[]> {
  const made = await dashboards(declared, settings);
  return made
    .filter(({ path }) => path.endsWith('.json'))
    .flatMap(({ text }) => {
      const drawn = JSON.parse(text) as Drawn;
      return panelsIn(drawn, drawn.title ?? '');
    });
}

const panelsIn = ({ panels = [] }: Drawn, dashboard: string): readonly Panel[] =>
  panels.flatMap((panel) => [
    { dashboard, title: panel.title ?? '', metrics: metricsIn(panel) },
    ...panelsIn(panel, dashboard),
  ]);

const metricsIn = ({ targets = [] }: Drawn): readonly string[] => [
  ...new Set(
    targets.flatMap(({ expr = '' }) =>
      (expr.match(/maasha_\w+/g) ?? []).map((name) => name.replace(/_(bucket|sum|count)$/, '')),
    ),
  ),
];
