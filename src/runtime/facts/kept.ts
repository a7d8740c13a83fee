import type { Fact } from '../../core/ports/facts.ts';
import type { Clock } from '../../core/time.ts';
import type { Ledger } from '../../store/ledger.ts';

/* What was pushed, the newest of each name: durable wherever alerts are. */

const documentOf = (region: string, name: string): string => `fact/${region}/${name}`;

/** What was pushed last under this name; undefined: nothing ever was. */
export const keptFact = (
  ledger: Pick<Ledger, 'document'>,
  region: string,
  name: string,
): Fact | undefined =>
  // Only this file writes the document.
  ledger.document(documentOf(region, name)) as Fact | undefined;

/** Puts it in the place of what was pushed before; as of now, by the monitor's own clock. */
export function keepFact(
  { ledger, clock }: { readonly ledger: Pick<Ledger, 'commit'>; readonly clock: Clock },
  region: string,
  name: string,
  text: string,
): Fact {
  const fact: Fact = { text, at: clock.now() / 1000 };
  ledger.commit({ documents: { [documentOf(region, name)]: fact } });
  return fact;
}
