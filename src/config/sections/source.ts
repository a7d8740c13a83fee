import { z } from 'zod';
import type { FactSource } from '../../core/ports/facts.ts';
import { httpUrl, name, text } from '../fields.ts';

/* Where something that others know is read: `{ file }`, `{ url }` or `{ pushed }`, exactly one of them. */

const SOURCE =
  'one of { file: /path }, { url: http://… } and { pushed: NAME } (what is sent to the monitor under that name)';

const absolutePath = text('an absolute path').regex(/^\//, 'an absolute path');

const fields = {
  file: absolutePath.optional(),
  url: httpUrl.optional(),
  pushed: name.optional(),
};

const isOne = ({ file, url, pushed }: RawSource): boolean =>
  [file, url, pushed].filter((each) => each !== undefined).length === 1;

interface RawSource {
  readonly file?: string | undefined;
  readonly url?: string | undefined;
  readonly pushed?: string | undefined;
}

/** A source, and what else belongs to the section that it stands in. */
export const sourceWith = <More extends z.ZodRawShape>(more: More, expected = SOURCE) =>
  z.strictObject({ ...fields, ...more }, expected).refine((raw) => isOne(raw as RawSource), SOURCE);

export const source = sourceWith({});

/** What the shape was found to be. */
export const toSource = ({ file, url, pushed }: RawSource): FactSource => {
  if (file !== undefined) return { from: 'file', path: file };
  if (url !== undefined) return { from: 'url', url };
  return { from: 'pushed', name: pushed ?? '' };
};
