// Generates programs: variables of every kind of declaration, functions of every form that capture them,
// blocks and parameters that shadow them, classes. Every program runs without throwing, so a different
// result in a worker is a defect of offloop.
import fc from "fast-check";

type Kind = "data" | "function" | "class" | "counter";

const literal = fc.oneof(fc.json({ maxDepth: 2 }), fc.constantFrom("undefined", "-0", "12n", "/a.b/gi", "new Date(5)", "new Map([[1, { a: 2 }]])", "new Set(['s'])", "new Uint8Array([1, 2])", "NaN"));

/** An expression over the variables in scope, and `x`. */
function expression(scope: readonly (readonly [name: string, kind: Kind])[], depth: number): fc.Arbitrary<string> {
  const names = fc.constantFrom("x", ...scope.filter(([, kind]) => kind === "data").map(([name]) => name));
  const simple = fc.oneof(names, names.map((name) => `typeof ${name}`), literal.map((text) => `(${text})`));
  if (depth === 0) return simple;
  const inner = expression(scope, depth - 1);
  const functions = scope.filter(([, kind]) => kind === "function").map(([name]) => name);
  const classes = scope.filter(([, kind]) => kind === "class").map(([name]) => name);
  const shapes: fc.Arbitrary<string>[] = [
    simple,
    fc.tuple(inner, inner).map(([a, b]) => `[${a}, ${b}]`),
    names.map((name) => `{ ${name} }`).map((text) => `(${text})`),
    fc.tuple(names, inner).map(([name, value]) => `({ ["key" + typeof ${name}]: ${value}, ${name}: 1 })`),
    inner.map((value) => `(() => ${value})()`),
    fc.tuple(names, inner).map(([name, value]) => `((${name}) => ${value})(${name})`),
    fc.tuple(names, inner).map(([name, value]) => `(({ a: ${name} = 1, ...rest } = {}, [b = ${value}] = []) => [${name}, rest, b])()`),
    fc.tuple(names, inner).map(([name, value]) => `(function () { try { throw ${value}; } catch (${name}) { return [${name}]; } })()`),
    fc.tuple(names, inner).map(([name, value]) => `(() => { const all = []; for (let ${name} = 0; ${name} < 2; ${name}++) all.push(() => [${name}, ${value}]); return all.map((each) => each()); })()`),
    fc.tuple(names, inner).map(([name, value]) => `(() => { { var ${name} = ${value.includes(name) ? "2" : value}; } return ${name}; })()`),
    fc.tuple(inner, inner).map(([a, b]) => `new (class { static s = ${a}; #p = ${b}; m() { return this.#p; } })().m()`),
    fc.tuple(names, inner).map(([name, value]) => `\`\${typeof ${name}}\` + typeof ${value}`),
    fc.tuple(names, inner).map(([name, value]) => `(${name} ?? ${value})?.toString?.name`),
  ];
  if (functions.length > 0) shapes.push(fc.tuple(fc.constantFrom(...functions), inner).map(([name, value]) => `${name}(${value})`), fc.constantFrom(...functions).map((name) => `[1].map(${name})`));
  if (classes.length > 0) shapes.push(fc.tuple(fc.constantFrom(...classes), inner).map(([name, value]) => `[${name}.of(${value}).get(), ${name}.fixed, new ${name}(1).twice]`));
  return fc.oneof(...shapes);
}

/** Statements that declare `name`. */
function declaration(name: string, kind: Kind, scope: readonly (readonly [string, Kind])[]): fc.Arbitrary<string> {
  const value = expression(scope, 2);
  const shadow = fc.constantFrom("shadow", ...scope.filter(([, each]) => each === "data").map(([each]) => each));
  if (kind === "data") {
    return fc.oneof(
      fc.tuple(fc.constantFrom("const", "let", "var"), literal).map(([word, text]) => `${word} ${name} = ${text};`),
      literal.map((text) => `const { deep: [${name}] } = { deep: [${text}] };`),
      literal.map((text) => `let ${name}; { ${name} = ${text}; }`),
    );
  }
  if (kind === "counter") return fc.constantFrom("let", "var").map((word) => `${word} ${name} = 0; const add_${name} = (x) => [++${name}, x]; function set_${name}(x) { return { was: ${name}, is: ({ ${name} } = { ${name}: [x] }) }; }`);
  if (kind === "class") {
    const parents = scope.filter(([, each]) => each === "class").map(([each]) => ` extends ${each}`);
    return fc
      .tuple(fc.constantFrom("", ...parents), value, value)
      .map(
        ([parent, a, b]) =>
          `class ${name}${parent} { constructor(x) { ${parent && "super(x); "}this.x = x; } static of(x) { return new ${name}(x); } static fixed = ((x) => ${a})(0); get(x = 1) { return [this.x, ${b}${parent && ", super.get()"}]; } get twice() { return [this.x, this.x]; } }`,
      );
  }
  return fc.oneof(
    value.map((body) => `const ${name} = (x) => ${body.startsWith("{") ? `(${body})` : body};`),
    value.map((body) => `function ${name}(x) { return ${body}; }`),
    fc.tuple(value, value).map(([a, body]) => `const ${name} = function self(x, y = ${a}) { return x === self ? 0 : [y, ${body}]; };`),
    value.map((body) => `const { ${name} } = { ${name}(x) { return ${body}; } };`),
    fc.tuple(shadow, literal, value).map(([other, text, body]) => `let ${name}; { const ${other} = ${text}; ${name} = (x) => [${other}, ${body}]; }`),
    fc.tuple(shadow, value).map(([other, body]) => `const ${name} = ((${other}) => (x) => [${other}, ${body}])(7);`),
    value.map((body) => `const ${name} = (n) => ((x) => (n > 2 ? ${body} : ${name}(n > 0 ? n + 1 : 1)))(n);`.replace(`${name}(n`, `((n) => typeof ${name})(n`)),
  );
}

/** A counter is data, and two functions that assign to it. */
function visible(named: readonly (readonly [name: string, kind: Kind])[]): (readonly [string, Kind])[] {
  return named.flatMap(([name, kind]): (readonly [string, Kind])[] =>
    kind === "counter" ? [[name, "data"], [`add_${name}`, "function"], [`set_${name}`, "function"]] : [[name, kind]],
  );
}

const kinds = fc.array(fc.constantFrom<Kind>("data", "data", "function", "function", "class", "counter"), { minLength: 1, maxLength: 6 });

/**
 * Programs of up to six declarations, each of which may use those before it, and a root that uses them
 * all: the text of a function that makes the root anew at each call.
 */
export const generatedProgram: fc.Arbitrary<string> = kinds.chain((list) => {
  const named = list.map((kind, index) => [`v${index}`, kind] as const);
  const declarations = named.map(([name, kind], index) => declaration(name, kind, visible(named.slice(0, index))));
  const root = expression(visible(named), 3);
  const form = fc.constantFrom("arrow", "function", "async", "generator", "method");
  return fc.tuple(form, root, ...declarations).map(([how, body, ...lines]) => {
    const roots: Record<string, string> = {
      arrow: `(x) => [${body}]`,
      function: `function root(x) { return [${body}]; }`,
      async: `async (x) => { await null; return [${body}]; }`,
      generator: `function* (x) { yield 1; yield [${body}]; }`,
      method: `({ async *[Symbol.for("root") && "root"](x) { yield [${body}]; } }).root`,
    };
    return `() => {\n${lines.join("\n")}\nreturn ${roots[how] as string};\n}`;
  });
});
