// A bar on standard error: redrawn in place on a terminal, otherwise a line for each tenth.
const WIDTH = 30;

export function bar(done: number, all: number, byHost: ReadonlyMap<string, number>): void {
  const { stderr } = process;
  if (!stderr.isTTY && done !== all && Math.floor((done / all) * 10) === Math.floor(((done - 1) / all) * 10)) return;
  const full = Math.round((done / all) * WIDTH);
  const hosts = [...byHost].map(([name, count]) => `${name} ${count}`).join("  ");
  stderr.write(`${stderr.isTTY ? "\r\u001b[2K" : ""}[${"#".repeat(full)}${".".repeat(WIDTH - full)}] ${done}/${all}  ${hosts}${stderr.isTTY && done < all ? "" : "\n"}`);
}
