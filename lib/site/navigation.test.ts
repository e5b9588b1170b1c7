import { expect, test } from "bun:test";
import { pagePath } from "./links.ts";
import { navigation } from "./navigation.ts";

const ATTEMPT = pagePath("run/alpha_task/task1/features_1_2");

test.each([
  ["index.html", '<a href="index.html" aria-current="page">Overview</a>'],
  ["pairs.html", '<a href="pairs.html" aria-current="page">Attempts</a>'],
  [ATTEMPT, '<a href="../../../../pairs.html" aria-current="true">Attempts</a>'],
])("on %s the navigation marks where one is", (path, marked) => {
  const { text } = navigation(path);
  expect(text).toContain(marked);
  expect(text.match(/aria-current/g)).toHaveLength(1);
});
