// Values that are hard to carry. `travels`: a copy equals the value. The others are refused, each with an error; those of `may` are refused by some executors.

const deep = (levels, wrap, inner) => {
  let value = inner;
  for (let level = 0; level < levels; level += 1) value = wrap(value);
  return value;
};

const cyclic = () => {
  const value = { list: [1, 2], map: new Map() };
  value.self = value;
  value.map.set("self", value);
  return value;
};

const causes = () => deep(200, (cause) => new RangeError("outer", { cause }), new TypeError("root"));

export const values = {
  zero: { travels: true, make: () => -0 },
  nan: { travels: true, make: () => [NaN, Infinity, undefined, null, 2n ** 70n] },
  date: { travels: true, make: () => [new Date(7), /a\n/giu] },
  sparse: { travels: true, make: () => Object.assign(new Array(3), { 1: 2, extra: "x" }) },
  cyclic: { travels: true, make: cyclic },
  views: { travels: true, make: () => { const bytes = new Uint8Array(32).fill(5); return [bytes.subarray(3, 9), new DataView(bytes.buffer, 4), new Float64Array(bytes.buffer, 8, 2)]; } },
  large: { travels: true, make: () => new Uint8Array(300_000).fill(3) },
  text: { travels: true, make: () => "ü\ud800\u0000".repeat(1_000) },
  collections: { travels: true, make: () => [new Map([[{ a: 1 }, new Set([1, "b"])]]), new Set([NaN])] },
  proto: { travels: true, make: () => JSON.parse('{"__proto__":{"polluted":1},"constructor":1,"then":2,"toJSON":3}') },
  deepOverHundred: { travels: true, make: () => deep(500, (inner) => ({ inner }), 1) },
  deepArray: { may: true, make: () => deep(30_000, (inner) => [inner], 1) },
  deepMap: { may: true, make: () => deep(20_000, (inner) => new Map([["k", inner]]), 1) },
  getter: { make: () => ({ get on() { throw new Error("getter"); } }) },
  tag: { make: () => ({ fn() {}, get [Symbol.toStringTag]() { throw Object.create(null); } }) },
  constructorGetter: { make: () => Object.defineProperty({ fn() {} }, "constructor", { get() { throw Symbol("constructor"); } }) },
  proxy: { make: () => new Proxy({}, new Proxy({}, { get() { throw new Error("trap"); } })) },
  symbolName: { make: () => ({ fn: Object.defineProperty(() => {}, "name", { value: Symbol("name") }) }) },
  fn: { make: () => ({ view: { render() {} } }) },
  weak: { make: () => [new WeakMap()] },
  promise: { make: () => ({ later: Promise.resolve(1) }) },
  symbol: { make: () => ({ key: Symbol("s") }) },
  thenGetter: { make: () => ({ a: { get then() { throw new Error("then"); } } }) },
};

/** What a function throws. Each arrives as an error, or as an equal value. */
export const thrown = {
  error: () => Object.assign(new RangeError("as asked"), { code: "E_ASKED" }),
  nothing: () => undefined,
  null: () => null,
  text: () => "text",
  bare: () => Object.create(null),
  causes,
  aggregate: () => new AggregateError([new Error("a"), causes()], "several"),
  cyclic: () => { const error = new Error("cyclic"); error.cause = error; error.errors = [error, error]; return error; },
  stackGetter: () => Object.defineProperty(new Error("stack"), "stack", { get() { throw new Error("no stack"); } }),
  messageGetter: () => Object.defineProperty(new Error("x"), "message", { get() { throw Object.create(null); } }),
  codeGetter: () => Object.defineProperty(new Error("x"), "code", { enumerable: true, get() { throw new Error("code"); } }),
  proxy: () => new Proxy(new Error("x"), { get() { throw new Error("trap"); }, getPrototypeOf() { throw new Error("trap"); } }),
  symbol: () => Symbol("thrown"),
  fn: () => () => {},
};
