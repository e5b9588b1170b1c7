// Owns asking a schema about a value from outside: an answer for every value, also for those that zod itself falls over.
import { z } from "zod";

/**
 * What the schema's `safeParse` gives. Zod's checks of lengths look at whatever a wrong value calls its `length`, and a
 * table there that refuses to be a number is a TypeError instead of an answer: here it is a problem of the whole value.
 */
export function safeParse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.ZodSafeParseResult<z.output<Schema>> {
  try {
    return schema.safeParse(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return refused<z.output<Schema>>().safeParse(value);
  }
}

const refused = <Output>() =>
  z.custom<Output>(() => false, 'a table with a "length" stands where a text or a list belongs');
