// Owns the closed list of paths that are a test runner's by their name alone: settings, and modules in its place.

/** Files that are a runner's by their name alone, each with whose. */
const SETTINGS: readonly (readonly [RegExp, string])[] = [
  [/(?:^|\/)\.?pytest\.(?:ini|toml)$/, "pytest"],
  [/(?:^|\/)\.coveragerc$/, "coverage"],
  [
    /(?:^|\/)(?:jest|vitest)\.(?:config|setup|workspace|preset)\.(?:[cm]?[jt]s|json)$/,
    "jest, vitest",
  ],
  [/(?:^|\/)karma\.conf(?:ig)?\.[cm]?[jt]s$/, "karma"],
  [/(?:^|\/)\.mocharc(?:\.[cm]?js|\.json|\.jsonc|\.ya?ml)?$/, "mocha"],
  [/(?:^|\/)(?:ava|playwright|wtr|web-test-runner)\.config\.[cm]?[jt]s$/, "a runner"],
  [/(?:^|\/)\.(?:nycrc|c8rc|taprc)(?:\.json|\.ya?ml)?$/, "a runner"],
  [
    /(?:^|\/)(?:cypress\.(?:config\.[cm]?[jt]s|json)|jasmine\.json|jest-preset\.(?:[cm]?js|json))$/,
    "a runner",
  ],
  [/(?:^|\/)\.cargo(?:\/config(?:\.toml)?)?$/, "cargo"],
  [/(?:^|\/)\.config\/nextest\.toml$/, "nextest"],
  [/(?:^|\/)go\.work$/, "go"],
  [/(?:^|\/)\.npmrc$/, "npm"],
];
/** Python finds these first in the folder that it is started in, or by itself; Node in any node_modules. */
const MODULES: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:(?:src|lib|python)\/)?(?:pytest|_pytest|pluggy|iniconfig|unittest)(?:\/__init__)?(?:\.py|\.pyc|\.[\w.-]*so)$/,
    "pytest",
  ],
  [
    /^(?:pytest_\w+|nose2?|xdist|coverage|execnet)(?:\/__init__)?(?:\.py|\.pyc|\.[\w.-]*so)$/,
    "pytest",
  ],
  // A link to a folder stands in a package's place.
  [/^(?:(?:src|lib|python)\/)?(?:_?pytest|pluggy|iniconfig|unittest|xdist)$/, "pytest"],
  [/(?:^|\/)(?:sitecustomize|usercustomize)(?:\/__init__)?\.pyc?$/, "python"],
  [/(?:^|\/)[^/]*\.pth$/, "python"],
  [
    /(?:^|\/)node_modules\/(?:\.bin|@?jest[\w.-]*|vitest|@vitest|mocha|ts-jest|babel-jest|ava|tap)(?:\/|$)/,
    "node",
  ],
];

/** Whose file a path names; undefined where the name alone does not decide. */
export function runnerNamed(path: string): string | undefined {
  return [...SETTINGS, ...MODULES].find(([pattern]) => pattern.test(path))?.[1];
}
