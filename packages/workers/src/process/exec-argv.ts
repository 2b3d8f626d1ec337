// Node's own options of this program, for its children. It leaves out the program text of `-e`, which each
// child would run again, and the options that are valid only with such a text.

/** The part of `process.execArgv` that a child receives. */
export function inheritedExecArgv(): string[] {
  const { _eval: program } = process as { _eval?: string | null };
  const inherited = [...process.execArgv];
  const index = program == null ? -1 : inherited.lastIndexOf(program);
  if (index > 0) inherited.splice(index - 1, 2);
  return inherited.filter((option) => !option.startsWith("--input-type"));
}
