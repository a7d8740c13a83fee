/** A family of values, declared once; everything that shows or judges it is derived from this. */
export interface Metric<Label extends string = string> {
  readonly kind: 'gauge' | 'counter' | 'histogram';
  readonly name: `maasha_${string}`;
  /** One sentence: what it measures, from whose view, and what 0 and 1 mean. */
  readonly help: string;
  readonly labels: readonly Label[];
  /** Present on a stateset: one series per state (label `state`), exactly one of them 1. */
  readonly states?: readonly string[];
  /** About the monitor's process: it has no label `region` besides those that it names itself. */
  readonly ofProcess?: true;
}

/** One sample of a metric. The label `region` is not part of it: whoever shows it adds that. */
export interface Observation {
  readonly kind: 'observation';
  readonly metric: Metric;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

type Labels<Label extends string> = Readonly<Record<Label, string>>;

/** Labels that choose some of a metric's things; a stateset's `state` is a value and chooses none. */
export type IdentityOf<Label extends string> = Readonly<
  Partial<Record<Exclude<Label, 'state'>, string>>
>;

type Declaration<Label extends string> = Omit<Metric<Label>, 'kind' | 'states'>;

/** Declares a value that goes up and down. */
export const gauge = <const Label extends string>(declared: Declaration<Label>): Metric<Label> => ({
  kind: 'gauge',
  ...declared,
});

/** A stateset adds the label `state` to the labels that identify the thing. */
export interface Stateset<Label extends string, State extends string> extends Metric<
  Label | 'state'
> {
  readonly states: readonly State[];
}

/** Declares an enumeration as Prometheus wants it: one 0/1 series per state, all always present. */
export const stateset = <const Label extends string, const State extends string>(
  declared: Declaration<Label> & { readonly states: readonly State[] },
): Stateset<Label, State> => ({
  ...declared,
  kind: 'gauge',
  labels: [...declared.labels, 'state'],
});

/** One sample. A value that cannot be known is left out, never given as 0. */
export const observe = <Label extends string>(
  metric: Metric<Label>,
  value: number | boolean,
  labels: Labels<NoInfer<Label>>,
): Observation => ({ kind: 'observation', metric, labels, value: Number(value) });

/** All samples of a stateset, with `state` as the one that is 1. */
export const observeState = <Label extends string, State extends string>(
  metric: Stateset<Label, State>,
  state: NoInfer<State>,
  labels: Labels<NoInfer<Exclude<Label, 'state'>>>,
): readonly Observation[] =>
  metric.states.map((each) => ({
    kind: 'observation',
    metric,
    labels: { ...labels, state: each },
    value: Number(each === state),
  }));

/** The labels as one text, the same whatever their order: for map keys. */
export const labelKey = (labels: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
