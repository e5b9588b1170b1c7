// Owns the shapes of a recipe.

/** One line of the ingredient list, such as `1/2 cup milk`. */
export interface Ingredient {
  /** How much of it; absent for plain `salt`. */
  amount?: number;
  /** As the cook wrote it: `cup`, `tbsp`, `g`; absent for `2 eggs`. */
  unit?: string;
  /** What it is: `flour`, `brown sugar`. */
  name: string;
}

/** A whole recipe. */
export interface Recipe {
  title: string;
  /** How many people it feeds. */
  servings: number;
  ingredients: Ingredient[];
  /** In cooking order, without their numbers. */
  steps: string[];
}
