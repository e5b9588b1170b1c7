// Owns drizzle over an open ledger file: what the stores work on, the last net for secrets under all they write, the look at its file.
import type { Database, SQLQueryBindings } from "bun:sqlite";
import { drizzle } from "drizzle-orm/bun-sqlite";
import { redactDeep } from "../lib/core/redact.ts";
import { watchPlace } from "./moved.ts";
import * as schema from "./schema.ts";

export type Tables = ReturnType<typeof open>;
const connections = new WeakMap<Database, Tables>();

/** The stores' way to the file, one for each open file: no statement of theirs binds a text or bytes that hold a secret. */
export function connect(database: Database): Tables {
  const known = connections.get(database) ?? open(database);
  connections.set(database, known);
  return known;
}

const open = (database: Database) => drizzle({ client: withNet(database), schema });

const BINDING = ["run", "all", "get", "values"] as const;

/**
 * The same database; what it prepares from now on binds clean values only, notices when the file is another, and ends
 * with it: SQLite keeps a file open, and those next to it, as long as one statement is left.
 */
function withNet(database: Database): Database {
  const look = watchPlace(database);
  const prepare = database.prepare.bind(database);
  const close = database.close.bind(database);
  const living = new Set<WeakRef<Disposable>>();
  const gone = new FinalizationRegistry<WeakRef<Disposable>>((ref) => living.delete(ref));
  const prepareClean = (...call: Parameters<Database["prepare"]>) => {
    const statement = prepare(...call);
    const ref = new WeakRef<Disposable>(statement);
    living.add(ref);
    gone.register(statement, ref);
    for (const name of BINDING) {
      const bind: (...values: SQLQueryBindings[]) => unknown = statement[name].bind(statement);
      Object.defineProperty(statement, name, {
        value(...values: SQLQueryBindings[]) {
          if (!database.inTransaction) look();
          return bind(...redactDeep(values));
        },
      });
    }
    return statement;
  };
  // Its own statements, such as BEGIN, are not prepared so.
  const transaction = database.transaction.bind(database);
  const transactionHere: Database["transaction"] = (within) =>
    transaction((...args) => {
      look();
      return within(...args);
    });
  const closeWhole = () => {
    for (const ref of living) ref.deref()?.[Symbol.dispose]();
    living.clear();
    close();
  };
  return Object.defineProperties(database, {
    transaction: { value: transactionHere },
    prepare: { value: prepareClean },
    close: { value: closeWhole },
  });
}
