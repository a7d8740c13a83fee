import type { Instant } from '../core/time.ts';
import type { Entry, Question } from './store.ts';

/** True when a line is among those that were asked for. */
const answers = (entry: Entry, question: Question): boolean =>
  (question.fingerprint === undefined || entry.fingerprint === question.fingerprint) &&
  (question.episode === undefined || entry.episode === question.episode) &&
  (question.region === undefined || entry.region === question.region) &&
  (question.since === undefined || entry.at >= question.since);

/** Journal lines in memory: the newest so many, and how many older ones had to go. */
export class Lines {
  readonly #most: number;
  #kept: Entry[] = [];
  #lost = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get lost(): number {
    return this.#lost;
  }

  get all(): readonly Entry[] {
    return this.#kept;
  }

  add(entries: readonly Entry[]): void {
    for (const entry of entries) this.#kept.push(entry);
    const over = this.#kept.length - this.#most;
    if (over <= 0) return;
    this.#kept.splice(0, over);
    this.#lost += over;
  }

  /** The newest that fit, oldest first. */
  ask(question: Question): readonly Entry[] {
    const found = this.#kept.filter((entry) => answers(entry, question));
    return found.slice(Math.max(0, found.length - question.most));
  }

  prune(before: Instant): void {
    this.#kept = this.#kept.filter(({ at }) => at >= before);
  }

  clear(): void {
    this.#kept = [];
    this.#lost = 0;
  }
}
