// Makes a failing program smaller as long as it still fails: removes operations, replaces a block by its operations,
// and simplifies fields, until no such step leaves a failing program.

/**
 * @param fails whether a program still shows the difference
 * @returns a program from which no part can be removed
 */
export async function shrink(program, fails) {
  let smallest = program;
  for (let found = true; found; ) {
    found = false;
    for (const candidate of candidates(smallest)) {
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      found = true;
      break;
    }
  }
  return smallest;
}

/** Programs that are one step simpler, the largest steps first. */
function* candidates(program) {
  for (const main of simplerBlocks(program.main)) yield { ...program, main };
}

function* simplerBlocks(ops) {
  for (let size = ops.length; size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start + size <= ops.length; start += size) yield [...ops.slice(0, start), ...ops.slice(start + size)];
  }
  for (const [index, op] of ops.entries()) {
    const replaced = (...others) => [...ops.slice(0, index), ...others, ...ops.slice(index + 1)];
    if (op.body !== undefined) yield replaced(...op.body, ...(op.handler ?? []), ...(op.final ?? []));
    for (const field of ["body", "handler", "final"]) {
      if (op[field] === undefined) continue;
      for (const block of simplerBlocks(op[field])) yield replaced({ ...op, [field]: block });
    }
    for (const simpler of simplerFields(op)) yield replaced(simpler);
  }
}

function* simplerFields(op) {
  if (op.msg !== undefined && op.msg !== null) yield { ...op, msg: null };
  if (op.rethrow === true) yield { ...op, rethrow: false };
  if (typeof op.d === "number" && op.d > (op.begun === true ? 1 : 0)) yield { ...op, d: op.d - 1 };
  if (op.op === "sleep" && op.v !== null) yield { ...op, v: null };
  for (const [index] of (op.xs ?? []).entries()) if (op.xs.length > 1 || op.op === "gather") yield { ...op, xs: op.xs.filter((_, each) => each !== index) };
}
