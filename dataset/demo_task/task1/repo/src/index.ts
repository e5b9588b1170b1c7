// Owns the public face of the library.
export { parseRecipe } from "./parse.ts";
export { renderText, type RenderOptions } from "./render.ts";
export type { Ingredient, Recipe } from "./types.ts";
