// Owns numbers as cooks write them: `3`, `1/2`, `1 1/2`, `0.25`.

const NUMBER = /^(?:(\d+)\s+)?(\d+)\/(\d+)|^\d+(?:\.\d+)?/;
const FRACTIONS: [value: number, text: string][] = [
  [1 / 4, "1/4"],
  [1 / 3, "1/3"],
  [1 / 2, "1/2"],
  [2 / 3, "2/3"],
  [3 / 4, "3/4"],
];

/** Splits `1 1/2 cups milk` into 1.5 and `cups milk`; undefined when no number leads. */
export function readAmount(line: string) {
  const number = readNumber(line);
  if (!number || !number.rest.startsWith(" ")) return undefined;
  return { amount: number.value, rest: number.rest.trim() };
}

/** The number at the very start of a text, and the text behind it. */
function readNumber(text: string) {
  const match = NUMBER.exec(text);
  if (!match) return undefined;
  const [written, whole = "0", over, under] = match;
  const value = over ? Number(whole) + Number(over) / Number(under) : Number(written);
  return { value, rest: text.slice(written.length) };
}

/** 1.5 as `1 1/2`; what no kitchen fraction fits gets two decimals. */
export function formatAmount(amount: number): string {
  const whole = Math.floor(amount);
  const part = amount - whole;
  const fraction = FRACTIONS.find(([value]) => Math.abs(value - part) < 0.005);
  if (!fraction) return String(Math.round(amount * 100) / 100);
  return whole === 0 ? fraction[1] : `${whole} ${fraction[1]}`;
}
