// Owns doing something once at most.

/** Makes the value at the first call, and gives the same at every other; what throws is tried again. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
