// Owns several sockets before the one real engine, each of which can go away and come back, and their file, for tests.
import { rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";

const ENGINE = "/var/run/docker.sock";

/** One engine that is another one's door. */
export type Door = {
  readonly name: string;
  /** Containers that were asked for through it. */
  created(): number;
  /** Cuts all connections; nothing listens any more. */
  cut(): void;
  open(): Promise<void>;
};
export type Doors = Disposable & { readonly file: string; readonly doors: readonly Door[] };

/** `limits` are lines of the file for each engine, by its name. */
export async function doors(
  folder: string,
  limits: Readonly<Record<string, string>>,
): Promise<Doors> {
  const all = Object.keys(limits).map((name) => door(name, join(folder, `${name}.sock`)));
  await Promise.all(all.map((one) => one.open()));
  const file = join(folder, "engines.toml");
  const tables = Object.entries(limits).map(
    ([name, lines]) =>
      `[engines.${name}]\naddress = "unix://${join(folder, `${name}.sock`)}"\n${lines}\n`,
  );
  writeFileSync(file, tables.join("\n"));
  return {
    file,
    doors: all,
    [Symbol.dispose]() {
      for (const one of all) one.cut();
    },
  };
}

function door(name: string, path: string): Door {
  const open = new Set<Socket>();
  let [server, created] = [createServer(), 0];
  const join = (inside: Socket) => {
    const outside = connect(ENGINE);
    inside.on("data", (bytes) => {
      if (bytes.toString("latin1").startsWith("POST /containers/create")) created++;
    });
    for (const [from, to] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      open.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy()).on("close", () => to.destroy());
    }
  };
  return {
    name,
    created: () => created,
    cut() {
      server.close();
      for (const socket of open) socket.destroy();
      open.clear();
    },
    async open() {
      rmSync(path, { force: true });
      server = createServer(join);
      const { promise, resolve } = Promise.withResolvers<void>();
      server.listen(path, resolve);
      await promise;
    },
  };
}
