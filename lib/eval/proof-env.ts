// Owns what runners are asked to prove by themselves: pytest's sessions and Go's tests, for outputs that Tandem produces.
import { join } from "node:path";
import type { Sandbox, SandboxFile } from "../sandbox/sandbox.ts";
import type { Sessions } from "./judging.ts";

/** The plugin's name; if a runner's output contains it, the runner failed on it. */
export const PLUGIN = "tandem_sessions";
const READ_TIMEOUT_MS = 60_000;
const MOST_BYTES = 1024 * 1024;

/**
 * A pytest plugin that writes, beside itself, when each session starts and finishes. A session within another one (a
 * test that calls pytest, a worker of xdist) is not written: the environment reveals it. One that was left
 * (`pytest.exit`, an interrupt, an error of pytest's own) has not finished, whatever its exit status; broken collection
 * has. Written for every pytest and Python 3 that tasks have; a folder that cannot be written to does not affect the
 * tests.
 */
const PLUGIN_SOURCE = `"""Writes when pytest's sessions start and finish. PYTEST_DONT_REWRITE"""
import os

import pytest

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sessions")
INNER = "TANDEM_PYTEST_SESSION"
INTERNAL_ERROR = 3
own = []
running = []
left = []


def write(word):
    try:
        with open(FILE, "a") as sessions:
            sessions.write(word + "\\n")
    except OSError:
        pass


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session):
    running.append(session)
    if INNER not in os.environ:
        os.environ[INNER] = str(os.getpid())
        own.append((session, os.getpid()))
        write("began")


def pytest_keyboard_interrupt(excinfo):
    if running and excinfo.type.__name__ != "Interrupted":
        left.append(running[-1])


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_sessionfinish(session, exitstatus):
    yield
    if session in running:
        del running[running.index(session):]
    if (session, os.getpid()) in own:
        own.remove((session, os.getpid()))
        os.environ.pop(INNER, None)
        if exitstatus != INTERNAL_ERROR and session not in left:
            write("finished")
`;

/** Files that asking needs, outside the repository. */
export function askingFiles(work_path: string): SandboxFile[] {
  const path = join(askedFolder(work_path), `${PLUGIN}.py`);
  return [{ path, bytes: Buffer.from(PLUGIN_SOURCE) }];
}

/** The folder that {@link askingFiles} go into. */
export const askedFolder = (work_path: string): string => join(work_path, "asked");

/**
 * Lines of bash before the call of a runner; what the image sets itself stays in front. An image may have Go's flags in
 * its environment or in `go env -w`.
 */
export function asking(work_path: string, how: { readonly plugin: boolean }): string {
  const folder = askedFolder(work_path);
  const plugin = `export PYTEST_ADDOPTS="\${PYTEST_ADDOPTS:+$PYTEST_ADDOPTS }-p ${PLUGIN}" PYTHONPATH="\${PYTHONPATH:+$PYTHONPATH:}${folder}"`;
  return `${how.plugin ? plugin : ":"}
asked_flags=\${GOFLAGS-}
[ -n "$asked_flags" ] || asked_flags=$(cd / && GOTOOLCHAIN=local go env GOFLAGS 2>/dev/null) || asked_flags=
export GOFLAGS="\${asked_flags:+$asked_flags }-v"
unset asked_flags`;
}

/** What is known once a runner has ended. */
export type Told = {
  /** Pytest's sessions; undefined when pytest reported nothing. */
  readonly sessions: Sessions | undefined;
  /** Whether Go was made to name its tests: not if the runner has its own flags. */
  readonly go_verbose: boolean;
};

/** Asks the sandbox what the runner at this path, called after {@link asking}, has reported. */
export async function proofOf(
  sandbox: Sandbox,
  runner_path: string,
  signal: AbortSignal,
): Promise<Told> {
  const path = join(askedFolder(sandbox.work_path), "sessions");
  const script = `grep -sq GOFLAGS '${runner_path}' && echo flags; cat '${path}' 2>/dev/null || :`;
  const { output } = await sandbox.exec(script, {
    timeout_ms: READ_TIMEOUT_MS,
    max_output_bytes: MOST_BYTES,
    cwd: sandbox.work_path,
    signal,
  });
  const words = Buffer.from(output).toString("utf8").split("\n");
  const count = (wanted: string) => words.filter((word) => word === wanted).length;
  const began = count("began");
  return {
    sessions: began === 0 ? undefined : { began, finished: count("finished") },
    go_verbose: count("flags") === 0,
  };
}
