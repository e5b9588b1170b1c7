// Owns looking for secrets for tests, in another way than they are blotted out: whatever is encoded gets decoded.

const RUN = /[A-Za-z0-9+/_-]{8,}/g;

/** The forms in which a text or bytes hold the secret: none, when nobody could read it there. */
export function formsHeld(content: string | Uint8Array, secret: string): string[] {
  const text = Buffer.from(content).toString("latin1");
  const wanted = Buffer.from(secret).toString("latin1");
  const found = {
    plain: text.includes(wanted),
    JSON: unescaped(text).includes(wanted),
    URL: percentDecoded(text).includes(wanted),
    base64: base64Decoded(text).some((decoded) => decoded.includes(wanted)),
    hex: text.toLowerCase().includes(Buffer.from(secret).toString("hex")),
  };
  return Object.entries(found).flatMap(([form, held]) => (held ? [form] : []));
}

function unescaped(text: string): string {
  return text.replace(/\\(["\\/])/g, "$1");
}

function percentDecoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, code) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** A run of characters may be base64 from any of its first four on. */
function base64Decoded(text: string): string[] {
  return [...text.matchAll(RUN)].flatMap(([run]) =>
    [0, 1, 2, 3].map((from) => Buffer.from(run.slice(from), "base64").toString("latin1")),
  );
}
