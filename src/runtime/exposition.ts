import { Registry } from 'prom-client';
import type { Metric, Observation } from '../core/metric.ts';
import { familyHead, seriesText, valueText, type Format } from './exposition-format.ts';

/** An observation with the region that it is about. */
export interface Sample {
  readonly region: string;
  readonly observation: Observation;
}

/** Observations with the region that they are about: a result is that, for instance. */
export interface Seen {
  readonly region: string;
  readonly observations: readonly Observation[];
}

/**
 * Observations as text, scrape after scrape. A series that was not observed is not there; of two samples of
 * one series the later one counts. The next scrape mostly shows the same series in the same order: what
 * did not change since the last one is not written again. What that one did not show is forgotten.
 *
 * A stateset is written as a gauge: 0.0.4 has no other type for it, and OpenMetrics' own demands that the
 * label is called like the family, which would be another series.
 */
export class Exposition {
  #shown: Families = new Map();

  render(seen: readonly Seen[], format: Format): string {
    const families: Families = new Map();
    for (const { region, observations } of seen) {
      let block: Block | undefined;
      for (const observation of observations) {
        if (block?.metric !== observation.metric)
          block = this.#block(families, region, observation.metric);
        block.add(observation);
      }
    }
    this.#shown = families;
    const parts: string[] = [];
    for (const { metric, blocks } of families.values()) {
      parts.push(familyHead({ ...metric, kind: 'gauge' }, format));
      for (const block of blocks.values()) parts.push(block.text());
    }
    return parts.join('');
  }

  #block(families: Families, region: string, metric: Metric): Block {
    const { name } = metric;
    let family = families.get(name);
    if (family === undefined) families.set(name, (family = { metric, blocks: new Map() }));
    let block = family.blocks.get(region);
    if (block === undefined) {
      const before = this.#shown.get(name)?.blocks.get(region);
      block = before?.metric === metric ? before : new Block(region, metric);
      family.blocks.set(region, block);
    }
    return block;
  }
}

type Families = Map<string, { readonly metric: Metric; readonly blocks: Map<string, Block> }>;

/**
 * The series of one family in one region: their lines, and what those were made of. It lies in arrays side
 * by side, since a walk over fifty thousand small objects takes longer than all the rest.
 */
class Block {
  readonly metric: Metric;
  readonly #region: string;
  readonly #labels: readonly string[];
  /** Each series' line up to its value. */
  #prefixes: string[] = [];
  #values: number[] = [];
  /** The labels' values of the first series, of the second one, and so on. */
  #things: (string | undefined)[] = [];
  #text = '';
  /** How many samples have come since the text was asked for. */
  #count = 0;
  #otherSeries = false;
  #otherValues = false;

  constructor(region: string, metric: Metric) {
    this.metric = metric;
    this.#region = region;
    this.#labels = metric.labels;
  }

  add({ labels, value }: Observation): void {
    const at = this.#count;
    this.#count += 1;
    if (!this.#isKnown(at, labels)) this.#learn(at, labels);
    // Not ===: what was and is NaN has not changed.
    if (Object.is(this.#values[at], value)) return;
    this.#values[at] = value;
    this.#otherValues = true;
  }

  text(): string {
    if (this.#otherSeries || this.#count < this.#prefixes.length) this.#settle();
    if (this.#otherValues) {
      let text = '';
      this.#prefixes.forEach((prefix, at) => {
        text += `${prefix}${valueText(this.#values[at] ?? NaN)}\n`;
      });
      this.#text = text;
    }
    this.#count = 0;
    this.#otherSeries = this.#otherValues = false;
    return this.#text;
  }

  #isKnown(at: number, labels: Observation['labels']): boolean {
    if (at >= this.#prefixes.length) return false;
    let thing = at * this.#labels.length;
    for (const label of this.#labels) if (this.#things[thing++] !== labels[label]) return false;
    return true;
  }

  #learn(at: number, labels: Observation['labels']): void {
    const named = this.#labels.map((label) => [label, labels[label]] as const);
    this.#prefixes[at] = seriesText(this.metric.name, [['region', this.#region], ...named]);
    for (const [offset, [, value]] of named.entries())
      this.#things[at * named.length + offset] = value;
    this.#otherSeries = true;
  }

  /** Each series once, with its latest value, and none that was not seen. */
  #settle(): void {
    const latest = new Map(this.#prefixes.slice(0, this.#count).map((prefix, at) => [prefix, at]));
    const kept = [...latest.values()];
    const width = this.#labels.length;
    const things = this.#things;
    this.#things = kept.flatMap((at) => things.slice(at * width, (at + 1) * width));
    this.#values = kept.map((at) => this.#values[at] ?? NaN);
    this.#prefixes = [...latest.keys()];
    this.#otherValues = true;
  }
}

/** The families of prom-client's registry. Its own text for OpenMetrics would rename its counters for good. */
export async function registryText(registry: Registry, format: Format): Promise<string> {
  // Its types know neither the words for the types nor the names of a histogram's samples.
  const families = (await registry.getMetricsAsJSON()) as unknown as readonly Family[];
  return families
    .map(({ name, help, type, values }) => {
      const lines = values.map(
        ({ metricName = name, labels, value }) =>
          `${seriesText(metricName, Object.entries(labels))}${valueText(value)}\n`,
      );
      return familyHead({ name, help, kind: type }, format) + lines.join('');
    })
    .join('');
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly {
    readonly metricName?: string;
    readonly labels: Readonly<Record<string, string | number>>;
    readonly value: number;
  }[];
}

/** One page of observations, once, in the plain format; what is in `registry` comes first. */
export async function render(seen: readonly Seen[], registry = new Registry()): Promise<string> {
  return (await registryText(registry, 'text')) + new Exposition().render(seen, 'text');
}
