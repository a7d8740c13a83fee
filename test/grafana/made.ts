import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { ClassicDashboard } from '../../grafana/classic.ts';
import { dashboards } from '../../grafana/dashboards.ts';
import { panelsOf } from '../../grafana/expressions.ts';
import { DELIVERED } from '../../src/generate/artifacts.ts';
import { declaredBy, type Declared } from '../../src/generate/declared.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';

/** What the checks of today declare. */
export const declared = declaredBy(await loadChecks());

/** The dashboards that these declarations give, as Grafana reads them: after a way through JSON. */
export const madeOf = async (from: Declared): Promise<readonly ClassicDashboard[]> =>
  (await dashboards(from, DELIVERED)).map(({ text }) => JSON.parse(text) as ClassicDashboard);

export const made = await madeOf(declared);

/** Every panel with where it is, for `it.each`. */
export const panels: readonly { where: string; board: ClassicDashboard; panel: Panel }[] =
  made.flatMap((board) =>
    panelsOf(board).map((panel) => ({
      where: `${board.uid ?? ''}: ${panel.title ?? ''}`,
      board,
      panel,
    })),
  );
