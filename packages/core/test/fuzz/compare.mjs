// Runs programs on both sides and finds those whose traces differ.
import { generate } from "./generate.mjs";
import { oracle, subject } from "./side.mjs";
import { shrink } from "./shrink.mjs";

const BATCH = 250;

/**
 * Compares the programs of `count` seeds, beginning with `seed`.
 * @param mains whether three mains of offloop run each program at once
 * @param onBatch called after each batch: { compared, lines, differences }
 * @returns { compared, lines, differences: [{ seed, program, expected, actual }] }, the programs shrunk
 */
export async function compare({ python, node, mains = false, seed, count, features, mostDifferences = 5, onBatch = () => {} }) {
  const sides = [oracle(python), subject(node, mains)];
  const differences = [];
  let compared = 0;
  let lines = 0;
  try {
    while (compared < count && differences.length < mostDifferences) {
      const seeds = Array.from({ length: Math.min(BATCH, count - compared) }, (_, index) => seed + compared + index);
      const programs = seeds.map((each) => generate(each, features));
      const [expected, actual] = await Promise.all(sides.map((side) => side.run(programs)));
      for (const [index, program] of programs.entries()) {
        lines += expected[index].length;
        if (differences.length < mostDifferences && !same(expected[index], actual[index])) differences.push(await shrunk(sides, seeds[index], program));
      }
      compared += seeds.length;
      onBatch({ compared, lines, differences });
    }
  } finally {
    for (const side of sides) side.close();
  }
  return { compared, lines, differences };
}

async function shrunk(sides, seed, program) {
  const runBoth = async (candidate) => (await Promise.all(sides.map((side) => side.run([candidate])))).map(([trace]) => trace);
  const differs = async (candidate) => !same(...(await runBoth(candidate)));
  const smallest = await shrink(program, differs);
  const [expected, actual] = await runBoth(smallest);
  return { seed, program: smallest, expected, actual };
}

function same(expected, actual) {
  return JSON.stringify(expected) === JSON.stringify(actual);
}

/** A difference as readable text: the program, and the first line that differs. */
export function describeDifference({ seed, program, expected, actual }) {
  const parts = expected.findIndex((line, index) => JSON.stringify(line) !== JSON.stringify(actual[index]));
  const at = parts === -1 ? expected.length : parts;
  const show = (trace) => trace.map((line, index) => `${index === at ? "▶" : " "} ${JSON.stringify(line)}`).join("\n");
  return `seed ${seed}\n${outline(program.main)}\n-- CPython\n${show(expected)}\n-- offloop\n${show(actual)}\n-- program\n${JSON.stringify(program)}`;
}

/** A program as an indented text. */
function outline(ops, indent = "") {
  return ops
    .map(({ n, op, body, handler, final, ...fields }) => {
      const inner = Object.entries({ body, handler, final }).filter(([, block]) => block !== undefined && block.length > 0);
      const head = `${indent}${n} ${op} ${Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(" ")}`;
      return [head, ...inner.map(([name, block]) => `${name === "body" ? "" : `${indent} (${name})\n`}${outline(block, `${indent}    `)}`)].join("\n");
    })
    .join("\n");
}
