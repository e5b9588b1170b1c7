// Owns finding out whether a patch contradicts itself: then it applies to no base at all.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gitTrySync } from "../core/git.ts";
import { parsePatch } from "../patch/parse.ts";
import type { Patch, PatchFile } from "../patch/patch.ts";
import { pathProblem } from "../patch/refuse.ts";
import { baseFromPatches } from "./base.ts";

/**
 * Why a patch that touches a file twice, or has hunks out of order, does not apply to the base that it speaks of itself;
 * undefined when it does, and for every other patch, which cannot contradict itself.
 */
export function clashOf(bytes: Uint8Array): string | undefined {
  const patch = parsePatch(bytes);
  if (patch.problems.length > 0 || !mayClash(patch)) return undefined;
  const { files, unknown } = baseFromPatches([patch]);
  if (unknown.length > 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "tandem-clash-"));
  try {
    for (const [path, { content, mode }] of files) {
      if (pathProblem(path) !== undefined) return undefined;
      const target = join(folder, path);
      mkdirSync(dirname(target), { recursive: true });
      if (mode === "120000") symlinkSync(Buffer.from(content).toString(), target);
      else writeFileSync(target, content, { mode: Number.parseInt(mode, 8) & 0o777 });
    }
    const { exit_code, stderr } = gitTrySync(["apply", "--check", "--whitespace=nowarn", "-"], {
      cwd: folder,
      input: bytes,
    });
    if (exit_code === 0) return undefined;
    return `contradicts itself: ${stderr
      .trim()
      .split("\n")[0]
      ?.replace(/^error: /, "")}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function mayClash({ files }: Patch): boolean {
  const seen = new Set<string>();
  for (const file of files) {
    const paths = new Set([file.old_path, file.new_path].flatMap((path) => path ?? []));
    if ([...paths].some((path) => seen.has(path)) || isOutOfOrder(file)) return true;
    for (const path of paths) seen.add(path);
  }
  return false;
}

function isOutOfOrder({ hunks }: PatchFile): boolean {
  return hunks.some((hunk, at) => {
    const before = hunks[at - 1];
    return before !== undefined && hunk.old_start < before.old_start + before.old_lines;
  });
}
