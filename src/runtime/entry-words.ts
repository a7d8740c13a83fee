import { shortId } from '../../alerts/notice.ts';
import { subjectOf } from '../../alerts/render/words.ts';
import type { Entry } from '../store/store.ts';

/*
 * Journal lines as people read them. A line may have been written by another version: whatever it
 * does not hold is left out, and nothing in it is trusted to be of a type.
 */

type Says = Entry['says'];

const text = (says: Says, key: string): string => {
  const found = says[key];
  return typeof found === 'string' || typeof found === 'number' ? String(found) : '';
};

const part = (says: Says, key: string): Says => {
  const found = says[key];
  return typeof found === 'object' && found !== null ? (found as Says) : {};
};

/** What one line says, as one sentence; raw. */
export function wordsOfEntry({ what, says }: Entry): string {
  switch (what) {
    case 'transition':
      return transition(says);
    case 'delivery':
      return delivery(says);
    case 'operator':
      return operator(says);
    case 'monitor':
      return text(says, 'says') || JSON.stringify(says);
  }
}

function transition(says: Says): string {
  const into = part(says, 'into');
  const level = text(says, 'level');
  const about = level === '' ? text(says, 'kind') : `${text(says, 'kind')} to level ${level}`;
  const root =
    text(into, 'rule') === ''
      ? ''
      : `, into ${text(into, 'rule')} (${shortId(text(into, 'episode'))})`;
  return `${about}: ${text(says, 'reason')}${root}`;
}

function delivery(says: Says): string {
  const attempts = Number(text(says, 'attempts'));
  const tries = attempts > 0 ? ` after ${attempts} ${attempts === 1 ? 'failure' : 'failures'}` : '';
  const trouble = text(says, 'trouble');
  const why = trouble === '' ? '' : `: ${trouble}`;
  return `${text(says, 'channel')}: ${text(says, 'kind')} ${text(says, 'stage')}${tries}${why}`;
}

function operator(says: Says): string {
  const by = `${text(says, 'by')}${text(says, 'via') === '' ? '' : ` (${text(says, 'via')})`}`;
  const does = text(says, 'does');
  if (does !== 'silence') return `${by} does ${does}`;
  const scope = [text(says, 'rule'), subjectOf(part(says, 'labels') as Record<string, string>)];
  return [`${by} does silence`, ...scope.filter((each) => each !== ''), text(says, 'reason')].join(
    ': ',
  );
}
