// A test runner runs a test that computes.
// packages: mocha@11.8.0
// command: mocha/bin/mocha.js {file}
// advice: toThread(countPrimes
function countPrimes(limit) {
  let count = 0;
  for (let n = 2; n < limit; n++) {
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor++;
    if (divisor * divisor > n) count++;
  }
  return count;
}

describe("primes", () => {
  it("counts them", () => { if (countPrimes(6_000_000) === 0) throw new Error("none"); });
});
