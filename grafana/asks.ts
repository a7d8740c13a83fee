import type { Asked } from './panels.ts';
import type { Pick, Queries } from './queries.ts';

/* The queries that most panels are made of: one metric, named by what tells its series apart. */

const named = (legend: string): string => `{{region}} ${legend}`.trim();

/** The greatest that any monitor saw. */
export const most = (name: string, legend = '', pick: Pick = {}): Asked => ({
  expr: (q) => q.max(name, pick),
  legend: named(legend),
});

/** The least that any monitor saw: of what is bad when it is little. */
export const least = (name: string, legend = '', pick: Pick = {}): Asked => ({
  expr: (q) => q.min(name, pick),
  legend: named(legend),
});

/** The place of the present state among the states of a stateset. */
export const stateOf = (name: string, legend = '', pick: Pick = {}): Asked => ({
  expr: (q) => q.states(name, pick),
  legend: named(legend),
});

/** A value moved up, so that one panel can have words of its own for it. */
export const movedUp = (by: number, name: string, legend = ''): Asked => ({
  expr: (q) => `${by} + ${q.max(name)}`,
  legend: named(legend),
});

/** For how long something has been so, from the moment at which it began. */
export const since = (name: string, legend = ''): Asked => ({
  expr: (q) => `time() - ${q.max(name)}`,
  legend: named(legend),
});

/** How long it is until a moment. */
export const until = (name: string, legend = ''): Asked => ({
  expr: (q) => `${q.min(name)} - time()`,
  legend: named(legend),
});

export const asked = (expr: (q: Queries) => string, legend = ''): Asked => ({
  expr,
  legend: named(legend),
});
