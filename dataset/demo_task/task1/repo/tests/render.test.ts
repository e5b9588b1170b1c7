// Owns the cases of printing.
import { expect, test } from "bun:test";
import { parseRecipe, renderText } from "../src/index.ts";

const PANCAKES = `# Pancakes
Serves 4

- 1 1/2 cups flour
- 1/3 cup sugar
- 2 eggs
- salt

1. Whisk everything together.
2. Fry on both sides.
`;

test("prints what it read", () => {
  expect(renderText(parseRecipe(PANCAKES))).toBe(
    PANCAKES.replace("# Pancakes\n", "Pancakes\n========\n"),
  );
});

test("takes another bullet", () => {
  expect(renderText(parseRecipe(PANCAKES), { bullet: "*" })).toContain("\n* 2 eggs\n");
});
