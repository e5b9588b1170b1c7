// Owns the cases of reading.
import { expect, test } from "bun:test";
import { parseRecipe } from "../src/index.ts";

const ingredient = (line: string) => parseRecipe(`# Any\n- ${line}`).ingredients[0];

test("reads title, servings, ingredients and steps", () => {
  const recipe = parseRecipe("# Toast\nServes 2\n\n- 2 slices bread\n\n1. Toast it.\n2. Eat it.\n");
  expect(recipe.title).toBe("Toast");
  expect(recipe.servings).toBe(2);
  expect(recipe.ingredients).toHaveLength(1);
  expect(recipe.steps).toEqual(["Toast it.", "Eat it."]);
});

test.each([
  ["1 1/2 cups plain flour", "cups", "plain flour"],
  ["0.5 l milk", "l", "milk"],
  ["2 eggs", undefined, "eggs"],
  ["salt", undefined, "salt"],
])("splits %s", (line, unit, name) => {
  expect(ingredient(line)?.unit).toBe(unit);
  expect(ingredient(line)?.name).toBe(name);
});

test("asks for a title", () => {
  expect(() => parseRecipe("- 2 eggs")).toThrow("title");
});
