// Owns the fields of a selection of units.

/** Every given field narrows. Task 0 is a task. */
export type Selection = {
  /** Keys of pairs or attempts; in their order, instead of the dataset's. */
  readonly keys?: readonly string[] | undefined;
  /** Name of a run, or of a study for all of its runs: attempts only. */
  readonly run?: string | undefined;
  /** Several of these names, instead of one. */
  readonly runs?: readonly string[] | undefined;
  readonly subset?: string | undefined;
  readonly repo?: string | undefined;
  readonly task_id?: number | undefined;
  /** Exactly these features, in any order. */
  readonly features?: readonly number[] | undefined;
  /** Only pairs whose features check-dataset found gradeable: on this backend, or on any. */
  readonly gradeable?: { readonly backend?: string | undefined } | undefined;
  readonly limit?: number | undefined;
  /** Name or hash of an edition of the dataset: pairs of it, or attempts that were made on it. The current one's, or all. */
  readonly edition?: string | undefined;
  readonly dataset_dir: string;
};
