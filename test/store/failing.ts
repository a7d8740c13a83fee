import { MemoryStore } from '../../src/store/memory.ts';
import type { Change } from '../../src/store/store.ts';
import { assertPlain } from '../../src/store/plain.ts';
import type { Instant } from '../../src/core/time.ts';

/** A disk that breaks when it is told to; then it takes nothing, and what it has can still be read. */
export class FailingStore extends MemoryStore {
  broken = false;
  commits = 0;
  closed = false;

  #try(): void {
    this.commits += 1;
    if (!this.broken) return;
    throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  }

  override commit(change: Change): void {
    assertPlain(change);
    this.#try();
    super.commit(change);
  }

  override prune(before: Instant): void {
    this.#try();
    super.prune(before);
  }

  override close(): void {
    this.closed = true;
  }
}
