import type { Generator } from '../src/generate/declared.ts';
import { built } from './build.ts';
import { clusters } from './clusters.ts';
import { database } from './database.ts';
import { dns } from './dns.ts';
import { monitor } from './monitor.ts';
import { region } from './region.ts';
import { services } from './services.ts';

const BOARDS = [region, database, dns, services, clusters, monitor];

/** The SDK puts every link and annotation into a menu of newer versions of Grafana; they belong in sight. */
const shownAtOnce = (key: string, value: unknown): unknown =>
  key === 'placement' && value === 'inControlsMenu' ? undefined : value;

/** The dashboards as Grafana provisions them; nothing in them is written by hand. */
export const dashboards: Generator = (declared, settings) =>
  BOARDS.map((board) => ({
    path: `grafana/dashboards/${board.name}.json`,
    text: `${JSON.stringify(built(board, declared, settings), shownAtOnce, 2)}\n`,
  }));
