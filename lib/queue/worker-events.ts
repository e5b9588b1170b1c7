// Owns what a worker tells whoever started it.
export type WorkerEvent =
  | { readonly is: "waiting" }
  | { readonly is: "joined"; readonly queue: string; readonly place: string }
  | { readonly is: "draining" }
  | { readonly is: "took"; readonly unit: string }
  | { readonly is: "done"; readonly unit: string; readonly fault?: string };
