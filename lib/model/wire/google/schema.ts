// Owns reading Google's own form of schemas as JSON schemas.

/** The schema with the names of its types as JSON schemas have them; `{ type: "STRING" }` is `{ type: "string" }`. */
export function parametersOf(
  schema: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, fieldOf(key, value)]),
  );
}

/** Fields whose keys are names of properties, not words of the schema. */
const NAMED: ReadonlySet<string> = new Set(["properties", "$defs", "definitions"]);
const OPEN: ReadonlySet<string> = new Set(["enum", "default", "example", "const"]);

function fieldOf(key: string, value: unknown): unknown {
  if (key === "type" && typeof value === "string") return value.toLowerCase();
  if (OPEN.has(key)) return value;
  if (Array.isArray(value)) return value.map((one) => (isObject(one) ? parametersOf(one) : one));
  if (!isObject(value)) return value;
  if (!NAMED.has(key)) return parametersOf(value);
  const named = Object.entries(value).map(([name, one]) => [
    name,
    isObject(one) ? parametersOf(one) : one,
  ]);
  return Object.fromEntries(named);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
