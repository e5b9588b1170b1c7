// Owns labels that a model gave: one judgement of a conversation at a time, with all that it cost.

import { and, asc, eq, getTableColumns, inArray, ne, sql, sum } from "drizzle-orm";
import { Fault } from "../lib/core/fault.ts";
import { sumOf, wholeSum } from "../lib/core/lists.ts";
import { finishAgain, type Lease } from "./holding.ts";
import { attempts, type LabelRow, labels } from "./schema.ts";
import { lostBy, type Spent } from "./spent.ts";
import type { Tables } from "./tables.ts";

/** The subject of a row that labels nothing: it keeps what was paid for answers that were of no use. */
export const UNANSWERED = "unanswered";

/** What was asked: of which attempt, for which measure, of whom, in which words (`prompt_sha256` names them). */
export type Question = Pick<LabelRow, "attempt_key" | "measure" | "model" | "prompt_sha256">;
export type GivenLabel = Pick<LabelRow, "subject" | "label" | "quotes" | "answer">;
/** The labels that one answer gave, with what was paid for it in US dollars (null: its price is unknown). */
export type Judgement = {
  readonly prompt: string;
  readonly cost_usd: number | null;
  /** Calls on the way to it that were cut off; none when absent. */
  readonly cut_off?: number;
  readonly given: readonly GivenLabel[];
};
/** A label as reports read it, without the texts of prompt and answer. */
export type LabelFinding = Pick<
  LabelRow,
  "attempt_key" | "measure" | "subject" | "label" | "model" | "prompt_sha256"
> & { readonly run: string };

type Writer = Pick<Tables, "select" | "insert" | "update" | "delete">;

export function labelStore(db: Tables) {
  return {
    /**
     * Stores a judgement in place of an earlier one in the same words. Its cost is parted evenly among its rows, with what
     * earlier answers had cost. With a lease the question is its unit, and done. Throws Fault `lease_lost` when it is not,
     * or when the attempt is gone.
     */
    put: (question: Question, judgement: Judgement, lease?: Lease): void =>
      db.transaction(
        (tx) => {
          requireAttempt(tx, question.attempt_key);
          const before = paidBefore(tx, question);
          const cost_usd = wholeSum([judgement.cost_usd, before.cost_usd]);
          const cut_off = (judgement.cut_off ?? 0) + before.cut_off;
          tx.delete(labels).where(isAbout(question)).run();
          const { prompt, given } = judgement;
          const share = cost_usd === null ? null : cost_usd / given.length;
          for (const [at, one] of given.entries())
            insert(tx, question, {
              ...{ ...one, prompt, cost_usd: share },
              cut_off: at === 0 ? cut_off : 0,
            });
          if (lease) finishAgain(tx, { ...lease, step: "label" });
        },
        { behavior: "immediate" },
      ),

    /** Keeps what was paid for an answer of no use. Labels that stand stay. Throws as {@link put} does. */
    lose: (question: Question, lost: { answer: string; cost_usd: number | null }): void =>
      db.transaction(
        (tx) => {
          requireAttempt(tx, question.attempt_key);
          const of = and(isAbout(question), eq(labels.subject, UNANSWERED));
          const before = tx.select().from(labels).where(of).get();
          const cost_usd = before ? wholeSum([before.cost_usd, lost.cost_usd]) : lost.cost_usd;
          tx.delete(labels).where(of).run();
          const { answer } = lost;
          const row = { subject: UNANSWERED, label: null, quotes: [], answer, prompt: "" };
          insert(tx, question, { ...row, cost_usd, cut_off: before?.cut_off ?? 0 });
        },
        { behavior: "immediate" },
      ),

    /** What was answered to this question, in the order of subjects. */
    standing: (question: Question): LabelRow[] =>
      db
        .select()
        .from(labels)
        .where(and(isAbout(question), ne(labels.subject, UNANSWERED)))
        .orderBy(asc(labels.subject))
        .all(),

    /** Whether labels stand that were given in exactly these words. */
    answered: (question: Question, prompt: string): boolean =>
      db
        .select({ subject: labels.subject })
        .from(labels)
        .where(and(isAbout(question), ne(labels.subject, UNANSWERED), eq(labels.prompt, prompt)))
        .limit(1)
        .get() !== undefined,

    /** Every label of the runs named (all when undefined). */
    findings(runs?: readonly string[]): LabelFinding[] {
      const { attempt_key, measure, subject, label, model, prompt_sha256 } =
        getTableColumns(labels);
      return db
        .select({
          ...{ run: attempts.run, attempt_key, measure, subject, label, model, prompt_sha256 },
        })
        .from(labels)
        .innerJoin(attempts, eq(attempts.attempt_key, labels.attempt_key))
        .where(
          and(
            ne(labels.subject, UNANSWERED),
            runs === undefined ? undefined : inArray(attempts.run, [...runs]),
          ),
        )
        .orderBy(asc(attempts.run), asc(labels.attempt_key), asc(labels.measure))
        .all();
    },

    /** What the labels of the runs named have cost, and the questions that were stopped or lost with their process. */
    spent(runs: readonly string[]): Spent {
      const given = db
        .select({
          usd: sum(labels.cost_usd),
          unpriced: sql<number>`sum(${labels.cost_usd} IS NULL)`,
          cut_off: sum(labels.cut_off),
        })
        .from(labels)
        .innerJoin(attempts, eq(attempts.attempt_key, labels.attempt_key))
        .where(inArray(attempts.run, [...runs]))
        .get();
      const lost = lostBy(db, { runs, step: "label" });
      return {
        usd: Number(given?.usd ?? 0) + lost.usd,
        unpriced: Number(given?.unpriced ?? 0) + lost.unpriced,
        cut_off: Number(given?.cut_off ?? 0) + lost.cut_off,
      };
    },
  };
}

function isAbout({ attempt_key, measure, model, prompt_sha256 }: Question) {
  return and(
    eq(labels.attempt_key, attempt_key),
    eq(labels.measure, measure),
    eq(labels.model, model),
    eq(labels.prompt_sha256, prompt_sha256),
  );
}

function insert(
  tx: Writer,
  question: Question,
  row: GivenLabel & Pick<LabelRow, "prompt" | "cost_usd" | "cut_off">,
): void {
  const { attempt_key, measure, model, prompt_sha256 } = question;
  const labelled_at = new Date().toISOString();
  const whole = { attempt_key, measure, model, prompt_sha256, ...row, labelled_at };
  tx.insert(labels).values(whole).run();
}

function requireAttempt(tx: Writer, attempt_key: string): void {
  const of = eq(attempts.attempt_key, attempt_key);
  if (tx.select({ key: attempts.attempt_key }).from(attempts).where(of).get() !== undefined) return;
  throw new Fault("lease_lost", `${attempt_key} was set aside while it was being judged`, {
    hint: "run the same command again to judge what is there now",
  });
}

function paidBefore(tx: Writer, question: Question): Pick<LabelRow, "cost_usd" | "cut_off"> {
  const { cost_usd, cut_off } = getTableColumns(labels);
  const rows = tx.select({ cost_usd, cut_off }).from(labels).where(isAbout(question)).all();
  return {
    cost_usd: wholeSum(rows.map((row) => row.cost_usd)),
    cut_off: sumOf(rows, (row) => row.cut_off),
  };
}
