// Owns the shape of a file that people write: names of keys and kinds of values, for suggesting what exists.
import { z } from "zod";

/** A part of the shape, as far as names of keys and kinds of values go. */
export type Shape = {
  readonly keys?: Readonly<Record<string, Shape>>;
  /** A table with names of its author's choice, all of this shape. */
  readonly named?: Shape;
  readonly items?: Shape;
  readonly isText: boolean;
};

/** The shape of what a schema takes. */
export function shapeOf(schema: z.ZodType): Shape {
  return shapeIn(z.toJSONSchema(schema, { io: "input" }));
}

type Json = z.core.JSONSchema._JSONSchema;

function shapeIn(schema: Json): Shape {
  if (typeof schema === "boolean") return { isText: false };
  const { properties, additionalProperties, items, type } = schema;
  return {
    isText: type === "string",
    ...(properties && { keys: mapped(properties) }),
    ...(typeof additionalProperties === "object" && { named: shapeIn(additionalProperties) }),
    ...(typeof items === "object" && !Array.isArray(items) && { items: shapeIn(items) }),
  };
}

function mapped(properties: Readonly<Record<string, Json>>): Record<string, Shape> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, shapeIn(schema)]),
  );
}
