// The functions that every contender runs on its workers. Each takes one argument, the least that all
// pools can pass, and has a result that the suites check.

/** Does nothing worth measuring; the result tells that it ran, and with what. */
export function increment(value: number): number {
  return value + 1;
}

/** Keeps a core busy: `rounds` steps of a generator (xorshift32). The same rounds give the same result anywhere. */
export function grind(rounds: number): number {
  let state = 0x9e3779b9;
  for (let round = 0; round < rounds; round += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state >>> 0;
}
