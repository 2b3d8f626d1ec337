// A small seeded generator of random numbers: the same programs for the same seed, on every platform.

/** @param seed any integer */
export function seededRandom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound) => Math.floor(next() * bound);
  return {
    next,
    /** An integer from 0 to bound − 1. */
    below,
    chance: (probability) => next() < probability,
    pick: (choices) => choices[below(choices.length)],
    /** One of [weight, choice] pairs. */
    weighted: (pairs) => {
      let left = next() * pairs.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, choice] of pairs) {
        left -= weight;
        if (left < 0) return choice;
      }
      return pairs.at(-1)[1];
    },
  };
}
