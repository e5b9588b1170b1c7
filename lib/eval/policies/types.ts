// Owns what a policy is: the rule by which a tree may pass, as one object per file.
import type { DerivedPolicy, Era, Path, Policy, Strategy } from "../../core/vocabulary.ts";

type Told = {
  readonly name: Policy;
  /** What passes under it, in one sentence. */
  readonly meaning: string;
  /** What is tested for it, as a page names the tree. */
  readonly tested: string;
  /** Where that differs from CooperBench, in one sentence. */
  readonly differs: string;
};

/** A tree that a suite may run on, and the diff that takes the base to it; nulls where there is none. */
export type Tree = { readonly tree: string | null; readonly diff: string | null };
/** What a derived policy may choose from: the merges by their strategies, and the first agent's patch alone. */
export type Trees = Readonly<Record<Strategy, Tree>> & { readonly first_alone: Tree };

/** One of Tandem's own: it derives from the merges and suites of one evaluation. */
export type DerivedRules = Told & {
  readonly made: "derived";
  readonly name: DerivedPolicy;
  /** The merge whose tree it takes; null: none's. */
  readonly strategy: Strategy | null;
  /** The tree that it has tested where the naive merge conflicts. */
  readonly tree: (trees: Trees) => Tree;
  /** How a pair that it has tested so came to its tree, agents' trees being equal or not. */
  readonly path: (identical: boolean) => Path;
};

/**
 * The evaluation of one version of CooperBench, reproduced for comparison. Every row is exact for its version, flaws
 * and all.
 */
export type EraRules = Told & {
  readonly made: "evaluated";
  /** The policy that its verdicts are kept under. */
  readonly era: Era;
  /** Whether the block of a patch below this `diff --git` line is dropped as a test's. */
  readonly isTest: (header: string) => boolean;
  /** Whether patches that are the same text are tested once, unmerged. */
  readonly identical: boolean;
  /** Whether a tree with half-applied patches in it is tested, or agent1's patch alone in its place. */
  readonly tests_broken_sides: boolean;
  /** The derived policy that decides what is tested after a conflict. */
  readonly on_conflict: DerivedPolicy;
  /** Flags of `git clean` before each suite. */
  readonly clean: string;
};

/** A verdict that came with logs: nothing is tested for it. */
export type ImportedRules = Told & { readonly made: "imported" };

export type PolicyRules = DerivedRules | EraRules | ImportedRules;
