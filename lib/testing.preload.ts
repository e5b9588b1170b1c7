// Owns settings of every test file: real git, shells and processes need more than the default five seconds.
import { setDefaultTimeout } from "bun:test";

setDefaultTimeout(120_000);
