/* As much of Grafana's dashboard model as this repository's dashboards use, for the picture of one. */

export interface Target {
  readonly expr: string;
  readonly refId: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
}

interface Shown {
  readonly text?: string;
  readonly color?: string;
}

export type Mapping =
  | { readonly type: 'value'; readonly options: Readonly<Record<string, Shown>> }
  | {
      readonly type: 'range';
      readonly options: {
        readonly from: number | null;
        readonly to: number | null;
        readonly result: Shown;
      };
    };

export interface Step {
  readonly value: number | null;
  readonly color: string;
}

export interface FieldConfig {
  readonly unit?: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  readonly noValue?: string;
  readonly mappings?: readonly Mapping[];
  readonly thresholds?: { readonly steps: readonly Step[] };
  readonly custom?: Readonly<Record<string, unknown>>;
}

export interface Override {
  readonly matcher: { readonly id: string; readonly options: string };
  readonly properties: readonly { readonly id: string; readonly value: unknown }[];
}

export interface Transformation {
  readonly id: string;
  readonly options: {
    readonly excludeByName?: Readonly<Record<string, boolean>>;
    readonly indexByName?: Readonly<Record<string, number>>;
    readonly renameByName?: Readonly<Record<string, string>>;
  };
}

export interface Panel {
  readonly type: string;
  readonly title?: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly Target[];
  readonly transformations?: readonly Transformation[];
  readonly fieldConfig?: {
    readonly defaults: FieldConfig;
    readonly overrides: readonly Override[];
  };
  readonly options?: {
    readonly textMode?: string;
    readonly sortBy?: readonly { readonly displayName: string; readonly desc: boolean }[];
  };
}

export interface AnnotationQuery {
  readonly name: string;
  readonly expr: string;
  readonly iconColor: string;
}

export interface Dashboard {
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly annotations?: { readonly list: readonly AnnotationQuery[] };
  readonly templating?: { readonly list: readonly { readonly name: string }[] };
}

/** A time in which something is drawn, in seconds since the Unix epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

export interface Point {
  readonly at: number;
  readonly value: number;
}

/** One series of a query's result. */
export interface Series {
  readonly refId: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly Point[];
}
