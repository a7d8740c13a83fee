import { z } from 'zod';
import { CheckFailure } from '../../core/failure.ts';
import { printable } from '../../core/printable.ts';
import type { Row } from '../../core/ports/postgres.ts';

/** @throws CheckFailure `protocol` when a row is not what the query asks for. */
export function readRows<Shape extends z.ZodType>(
  shape: Shape,
  rows: readonly Row[],
): readonly z.output<Shape>[] {
  const read = z.array(shape).safeParse(rows);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new CheckFailure('protocol', `the server answered with an unexpected row (at ${where})`);
}

/** Text of MAAS's own, such as an error that it shows: bounded, on one line, without control characters. */
export const words = (most = 200) =>
  z.string().transform((text) => printable(text.replaceAll(/\s+/g, ' ').trim(), most));

/** A whole number as text. */
export const whole = z
  .string()
  .regex(/^-?\d{1,15}$/)
  .transform(Number);

export const truth = z.enum(['true', 'false']).transform((text) => text === 'true');

/** An age in seconds; a clock that ran ahead when the row was written makes it negative, which is young. */
export const age = z
  .string()
  .regex(/^-?\d{1,15}(\.\d+)?$/)
  .transform((text) => Math.max(0, Number(text)));
