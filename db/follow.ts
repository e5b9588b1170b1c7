// Owns following a ledger that is read from a private copy: what others wrote is seen at the next look.
import { type Ledger, openLedgerToRead } from "./ledger.ts";

/**
 * What gives the ledger as it is now, opened for reading anew where the file has changed behind a private copy. One that is
 * replaced lives on until the next is, for those who still read it; the caller closes the first.
 */
export function follow(first: Ledger): () => Ledger {
  let [current, previous]: [Ledger, Ledger | undefined] = [first, undefined];
  return () => {
    if (!current.outdated()) return current;
    const next = openLedgerToRead(first.path);
    if (previous !== first) previous?.close();
    [current, previous] = [next, current];
    return current;
  };
}
