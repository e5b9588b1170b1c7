// Owns printing: a Recipe in, text out.
import { formatAmount } from "./quantity.ts";
import type { Ingredient, Recipe } from "./types.ts";

/** How a recipe is printed. */
export interface RenderOptions {
  /** What stands before each ingredient; a dash when absent. */
  bullet?: string;
}

/** The recipe as text, with a final newline. */
export function renderText(recipe: Recipe, options: RenderOptions = {}): string {
  const bullet = options.bullet ?? "-";
  const lines = [
    recipe.title,
    "=".repeat(recipe.title.length),
    `Serves ${recipe.servings}`,
    "",
    ...recipe.ingredients.map((ingredient) => `${bullet} ${ingredientText(ingredient)}`),
    "",
    ...recipe.steps.map((step, index) => `${index + 1}. ${step}`),
  ];
  return `${lines.join("\n")}\n`;
}

function ingredientText(ingredient: Ingredient): string {
  return [amountText(ingredient), ingredient.name].filter(Boolean).join(" ");
}

function amountText({ amount, unit }: Ingredient): string {
  if (amount === undefined) return "";
  return [formatAmount(amount), unit].filter(Boolean).join(" ");
}
