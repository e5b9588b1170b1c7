// Owns the number of the rules that trees are judged by.

/** Raised when the same trees would be judged differently: older results are then made again. */
export const EVAL_RULES = 5;
