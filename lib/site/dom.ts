// Owns the document that charts are drawn into: outside a browser there is none.

/** A fresh empty document. */
export async function openDocument() {
  const { parseHTML } = await import("linkedom");
  return parseHTML("<!doctype html><html><body></body></html>").document;
}
