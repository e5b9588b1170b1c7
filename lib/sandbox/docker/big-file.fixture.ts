// Owns a process that sends 300 MB into a sandbox and back, and prints how many copies its memory held at most.
import type { OpenOptions } from "../sandbox.ts";
import { type DockerOptions, dockerBackend } from "./docker.ts";

type Asked = { readonly options: DockerOptions; readonly request: OpenOptions };
const { options, request }: Asked = JSON.parse(process.argv[2] ?? "{}");

await using own = await dockerBackend(options).open(request);
const big = Buffer.alloc(300_000_000, 7);
big.write("the end", big.length - 7);
const before = process.memoryUsage.rss();
let most = before;
const watch = setInterval(() => {
  // What nobody holds any more is no copy, however late it would be collected.
  Bun.gc(true);
  most = Math.max(most, process.memoryUsage.rss());
}, 50);
await own.put("/tmp/big", big);
const back = await own.get("/tmp/big");
clearInterval(watch);
process.stdout.write(
  JSON.stringify({
    is_same: back !== undefined && Buffer.compare(Buffer.from(back), big) === 0,
    copies: (most - before) / big.length,
  }),
);
