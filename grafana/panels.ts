import type { Words } from './look.ts';
import type { Queries } from './queries.ts';

/* What a dashboard's file says of its panels: data, from which build.ts makes what Grafana reads. */

/** One query of a panel. */
export interface Asked {
  readonly expr: (q: Queries) => string;
  /** How a series is called, as Grafana fills it in: `{{node}}`. */
  readonly legend?: string;
}

interface Common {
  readonly title: string;
  /** What it shows, and what is bad. Which alerts judge it is added from the rules. */
  readonly about: string;
  readonly asks: readonly Asked[];
  /** What stands there while there is no series. */
  readonly absent: string;
  /** Alerts whose runbooks it links although none of its metrics is judged by them. */
  readonly alerts?: readonly string[];
}

/** Words for the values: written down, or those of the states of a stateset. */
export type Wording = Words | OfStates;

/** The words of the states of a stateset, and of other values that its query can give. */
export interface OfStates {
  readonly statesOf: string;
  readonly and?: Words;
}

/** One number or word per thing, as it is now. */
export interface Stat extends Common {
  readonly kind: 'stat';
  readonly unit: string;
  readonly words?: Wording;
  readonly decimals?: number;
  /** Coloured by the conditions of the rules that judge these metrics. */
  readonly limits?: readonly string[];
  /** What is shown in big letters: the value, or the name of the thing (for values that are only there). */
  readonly shows?: 'value' | 'name';
}

/** One row per thing, coloured by its state over time; nothing is drawn where nothing is known. */
export interface Timeline extends Common {
  readonly kind: 'timeline';
  readonly words: Wording;
}

/** Numbers over time. */
export interface Lines extends Common {
  readonly kind: 'lines';
  readonly unit: string;
  readonly limits?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly stacked?: true;
}

/** One bar per thing, as it is now. */
export interface Bars extends Common {
  readonly kind: 'bars';
  readonly unit: string;
  readonly limits?: readonly string[];
  readonly min: number;
  readonly max?: number;
}

/** How many of the things lie in which range, over time. */
export interface Heat extends Common {
  readonly kind: 'heat';
  readonly unit: string;
}

/** A column of a table: a label, or the value of a query by its letter. */
export interface Column {
  readonly of: string;
  readonly title: string;
  readonly unit?: string;
  readonly words?: Wording;
  /** Links each cell: Grafana fills in `${__value.raw}` and `${__data.fields.Title}`. */
  readonly link?: { readonly title: string; readonly path: string };
}

/** What is, as it is now, row by row; several queries are joined by their labels. */
export interface Table extends Common {
  readonly kind: 'table';
  readonly columns: readonly Column[];
  readonly sort?: { readonly by: string; readonly worst: 'first' | 'last' };
}

export type PanelSpec = Stat | Timeline | Lines | Bars | Heat | Table;

/** A variable that narrows what a dashboard shows, besides datasource and region. */
export interface Variable {
  readonly name: string;
  readonly label: string;
  /** A metric that has all of its values, under this label. */
  readonly of: string;
  readonly by: string;
  /** The labels that it narrows. */
  readonly narrows: readonly string[];
}

/** Something that happened, drawn into all panels. */
export interface Event {
  readonly name: string;
  readonly colour: 'good' | 'note' | 'warn' | 'bad' | 'unknown';
  readonly expr: (q: Queries) => string;
  readonly title: string;
  readonly text: string;
  readonly tags: readonly string[];
}

/** One dashboard; where its panels stand is in layout.ts. */
export interface Board {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly variables: readonly Variable[];
  readonly events: readonly Event[];
  readonly panels: Readonly<Record<string, PanelSpec>>;
}

type Given<Spec> = Omit<Spec, 'kind'>;

export const stat = (spec: Given<Stat>): Stat => ({ kind: 'stat', ...spec });
export const timeline = (spec: Given<Timeline>): Timeline => ({ kind: 'timeline', ...spec });
export const lines = (spec: Given<Lines>): Lines => ({ kind: 'lines', ...spec });
export const bars = (spec: Given<Bars>): Bars => ({ kind: 'bars', ...spec });
export const heat = (spec: Given<Heat>): Heat => ({ kind: 'heat', ...spec });
export const table = (spec: Given<Table>): Table => ({ kind: 'table', ...spec });
