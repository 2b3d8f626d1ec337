// Node's own options of this program, for its children: without the program text of `node -e`, which
// each child would run again.

/** What `process.execArgv` holds but the program. */
export function inheritedExecArgv(): string[] {
  const { _eval: program } = process as { _eval?: string | null };
  const inherited = [...process.execArgv];
  const index = program == null ? -1 : inherited.lastIndexOf(program);
  if (index > 0) inherited.splice(index - 1, 2);
  return inherited;
}
