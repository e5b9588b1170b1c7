// Owns the proof of quotes: where in a conversation the text that a label rests on occurs.

export type Quote = { readonly message: number; readonly text: string };
/** Characters of the shortest quote that proves anything: "the" occurs everywhere. */
const SHORTEST = 8;

type Said = { readonly seq: number; readonly content: string };

/**
 * Finds quotes in a conversation. A quote must occur within one message: the one that it names or, as models miscount,
 * the first that has it; it has 8 characters or more, or is the whole message. Any run of white space matches any
 * other, and white space around a quote does not count; every other character must be the same. `found` has the
 * conversation's own words, each place once: a quote that is a part of another one in the same message is no further
 * evidence.
 */
export function checkQuotes(
  quotes: readonly Quote[],
  messages: readonly Said[],
): { readonly found: readonly Quote[]; readonly missing: readonly string[] } {
  const places: Quote[] = [];
  const missing: string[] = [];
  for (const quote of quotes) {
    const place = placeOf(quote, messages);
    if (place === undefined) missing.push(quote.text);
    else places.push(place);
  }
  const found = places.filter(
    (place, at) => !places.some((other, index) => covers(other, place, index < at)),
  );
  return { found, missing };
}

function placeOf({ message, text }: Quote, messages: readonly Said[]): Quote | undefined {
  const words = text.trim().split(/\s+/);
  if (words[0] === "") return undefined;
  const pattern = new RegExp(words.map((word) => RegExp.escape(word)).join("\\s+"));
  const named = messages.filter(({ seq }) => seq === message);
  for (const { seq, content } of [...named, ...messages]) {
    const [exact] = pattern.exec(content) ?? [];
    if (exact !== undefined && (exact.length >= SHORTEST || exact === content.trim()))
      return { message: seq, text: exact };
  }
  return undefined;
}

/** Of two equal quotes, the earlier covers the later. */
function covers(other: Quote, quote: Quote, isEarlier: boolean): boolean {
  if (other.message !== quote.message) return false;
  return other.text === quote.text ? isEarlier : other.text.includes(quote.text);
}
