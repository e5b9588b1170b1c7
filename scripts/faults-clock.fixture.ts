// Owns a clock that jumps, for processes that preload this: each look at it may be an hour early or late.
const HOUR_MS = 3_600_000;
const JUMPS_MS = [0, HOUR_MS, -HOUR_MS, HOUR_MS, 0, -HOUR_MS];
/** Looks at the clock between two jumps. */
const STEADY = 20;

const Real = Date;
let looks = 0;
const now = () => Real.now() + (JUMPS_MS[Math.floor(looks++ / STEADY) % JUMPS_MS.length] ?? 0);

globalThis.Date = new Proxy(Real, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, name, receiver) => (name === "now" ? now : Reflect.get(target, name, receiver)),
});
