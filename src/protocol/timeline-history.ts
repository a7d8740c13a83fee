import { CheckFailure } from '../core/failure.ts';
import type { TimelineEnd } from '../core/ports/postgres.ts';
import { parseLsn } from './lsn.ts';

const LARGEST_TIMELINE = 0xffff_ffff;

/**
 * Reads a timeline history file: one line for each timeline that the given one descends from, oldest
 * first, with the position where its history was left. The fields are separated by white space; what
 * follows the second is a reason, for people (PostgreSQL manual section 26.3.6; timeline.c).
 *
 * @throws CheckFailure `protocol` when the text is no history of that timeline: timelines must rise
 *   towards it. Positions must not fall: no history goes back.
 */
export function parseTimelineHistory(text: string, timeline: number): readonly TimelineEnd[] {
  const ends: TimelineEnd[] = [];
  for (const line of text.split('\n')) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const next = readLine(line);
    const before = ends.at(-1) ?? { timeline: 0, end: 0n };
    if (next.timeline <= before.timeline) throw broken('timelines that do not rise', line);
    if (next.end < before.end) throw broken('a position that goes back', line);
    ends.push(next);
  }
  if ((ends.at(-1)?.timeline ?? 0) >= timeline)
    throw broken(`a timeline that is no ancestor of ${timeline}`, text);
  return ends;
}

function readLine(line: string): TimelineEnd {
  const found = /^\s*(\d{1,10})\s+([0-9A-F]{1,8}\/[0-9A-F]{1,8})(?:\s|$)/i.exec(line);
  const [, parent = '', end = ''] = found ?? [];
  const timeline = Number(parent);
  if (found === null || timeline > LARGEST_TIMELINE)
    throw broken('a line that names no timeline and position', line);
  return { timeline, end: parseLsn(end) };
}

const broken = (what: string, text: string): CheckFailure =>
  new CheckFailure('protocol', `the timeline history has ${what}`, {
    facts: { text: text.slice(0, 60) },
  });
