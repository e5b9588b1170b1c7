// Owns where commands reach the gateway, and the files of the program that passes it on.

/** Above what systems give to programs that ask for any port, and no well-known one; the same in every sandbox. */
export const GATEWAY_PORT = 61_808;
export const GATEWAY_URL = `http://127.0.0.1:${GATEWAY_PORT}`;

/** The forwarder's program: its folder, its files, and the one that is started. */
export const FORWARDER = {
  folder: import.meta.dir,
  files: ["forward.ts", "channels.ts", "join.ts"],
  main: "forward.ts",
} as const;
