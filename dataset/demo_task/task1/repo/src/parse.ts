// Owns reading: text in, a Recipe out.
import { readAmount } from "./quantity.ts";
import type { Ingredient, Recipe } from "./types.ts";

const UNITS = new Set(
  "cup cups tbsp tsp oz lb g kg ml l pinch clove cloves slice slices can cans".split(" "),
);

/** Reads a recipe. Throws an Error when it has no title. */
export function parseRecipe(text: string): Recipe {
  const recipe: Recipe = { title: "", servings: 1, ingredients: [], steps: [] };
  for (const line of text.split("\n")) readLine(recipe, line.trim());
  if (recipe.title === "") throw new Error('a recipe starts with a title, such as "# Pancakes"');
  return recipe;
}

function readLine(recipe: Recipe, line: string): void {
  if (line === "") return;
  if (line.startsWith("# ")) recipe.title = line.slice(2).trim();
  else if (/^serves \d+$/i.test(line)) recipe.servings = Number(line.slice(7));
  else if (line.startsWith("- ")) recipe.ingredients.push(parseIngredient(line.slice(2).trim()));
  else recipe.steps.push(line.replace(/^\d+\.\s+/, ""));
}

function parseIngredient(line: string): Ingredient {
  const quantity = readAmount(line);
  if (!quantity) return { name: line };
  const { amount, rest } = quantity;
  const [unit = "", ...words] = rest.split(" ");
  if (!UNITS.has(unit) || words.length === 0) return { amount, name: rest };
  return { amount, unit, name: words.join(" ") };
}
