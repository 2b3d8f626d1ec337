// Node's own options of this program, for its children: without the text of a program given by `-e`,
// which each child would run again, and without what can stand beside such a text only.

/** What of `process.execArgv` a child takes. */
export function inheritedExecArgv(): string[] {
  const { _eval: program } = process as { _eval?: string | null };
  const inherited = [...process.execArgv];
  const index = program == null ? -1 : inherited.lastIndexOf(program);
  if (index > 0) inherited.splice(index - 1, 2);
  return inherited.filter((option) => !option.startsWith("--input-type"));
}
