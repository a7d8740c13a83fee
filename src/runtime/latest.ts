import type { Check, CheckResult } from '../core/check.ts';
import type { Region } from '../core/region.ts';
import type { Finding } from '../core/rule.ts';

const keyOf = (check: string, region: string): string => `${region} ${check}`;

/** The newest result of each check on each region: what is shown, remembered and derived from. */
export class Latest {
  readonly #results = new Map<string, CheckResult>();
  readonly #standing = new Map<string, readonly Finding[]>();
  /** What earlier processes remembered, until there is a result of this one. */
  readonly #before = new Map<string, unknown>();

  /** Takes a result in and returns the one that it replaces. */
  put(result: CheckResult): CheckResult | undefined {
    const key = keyOf(result.check, result.region);
    const before = this.#results.get(key);
    this.#results.set(key, result);
    // A run that saw nothing has judged nothing: what stood before it still stands.
    if (result.failure === undefined) this.#standing.set(key, result.findings);
    return before;
  }

  get(check: string, region: string): CheckResult | undefined {
    return this.#results.get(keyOf(check, region));
  }

  /** What the run before wants its successor to be given. */
  memory(check: string, region: string): unknown {
    const key = keyOf(check, region);
    const last = this.#results.get(key);
    return last === undefined ? this.#before.get(key) : last.memory;
  }

  /** Takes over what an earlier process remembered. */
  remember(check: string, region: string, memory: unknown): void {
    this.#before.set(keyOf(check, region), memory);
  }

  /** What was found when the check could last look: the ground for rules with a clear threshold. */
  standing(check: string, region: string): readonly Finding[] {
    return this.#standing.get(keyOf(check, region)) ?? [];
  }

  /** The newest results of the checks that `check` needs, as far as there are any. */
  needs(
    check: Check,
    region: Region,
    present: (result: CheckResult) => CheckResult,
  ): Readonly<Record<string, CheckResult>> {
    const found = (check.needs ?? []).flatMap((name) => this.get(name, region.name) ?? []);
    return Object.fromEntries(found.map((result) => [result.check, present(result)]));
  }

  /** Forgets every result that is not wanted any more. */
  keep(wanted: (result: CheckResult) => boolean): void {
    for (const [key, result] of this.#results) {
      if (wanted(result)) continue;
      this.#results.delete(key);
      this.#standing.delete(key);
    }
  }

  all(): readonly CheckResult[] {
    return [...this.#results.values()];
  }
}
