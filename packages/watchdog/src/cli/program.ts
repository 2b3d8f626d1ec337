// How the command starts a program: a script by this Node, or a tool such as `tsx` or `npm`, whose processes of Node are
// watched because they inherit NODE_OPTIONS.
import { accessSync, constants, existsSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { delimiter, dirname, join, resolve, sep } from "node:path";
import type { StdioOptions } from "node:child_process";

/** A command line, and what it needs of NODE_OPTIONS. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
  readonly nodeOptions: string;
}

/**
 * The command line of a program. A name without a folder that is no script is a tool: of the nearest `node_modules/.bin`,
 * or else of PATH.
 * @param nodeFlags go before a script; the processes of a tool get them by NODE_OPTIONS
 * @param preload URL of the module that watches each process
 */
export function commandLine(script: string, args: readonly string[], nodeFlags: readonly string[], preload: string): CommandLine {
  const tool = isScript(script) ? undefined : toolNamed(script);
  const preloaded = [process.env["NODE_OPTIONS"] ?? "", `--import ${preload}`];
  if (tool === undefined) return { command: process.execPath, args: [...nodeFlags, script, ...args], nodeOptions: joined(preloaded) };
  return { command: tool, args, nodeOptions: joined([...preloaded, ...nodeFlags]) };
}

/** Whether Node would find a file for the path. */
function isScript(script: string): boolean {
  if (script.includes("/") || script.includes(sep)) return true;
  return ["", ".js", ".mjs", ".cjs", ".json", ".node", `${sep}index.js`, `${sep}package.json`].some((suffix) => existsSync(resolve(script + suffix)));
}

function toolNamed(name: string): string | undefined {
  const folders: string[] = [];
  for (let folder = resolve("."); ; folder = dirname(folder)) {
    folders.push(join(folder, "node_modules", ".bin"));
    if (folder === dirname(folder)) break;
  }
  folders.push(...(process.env["PATH"] ?? "").split(delimiter));
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function joined(options: readonly string[]): string {
  return options.filter((option) => option !== "").join(" ");
}

/**
 * The streams of the program: those of this process, also above standard error (`3>file`), and an IPC channel if this
 * process has one.
 */
export function streams(): StdioOptions {
  // The IPC channel of this process cannot be told from other sockets.
  if (process.send !== undefined) return ["inherit", "inherit", "inherit", "ipc"];
  const inherited = inheritedDescriptors();
  const last = Math.max(2, ...inherited);
  return Array.from({ length: last + 1 }, (_, fd) => (fd <= 2 || inherited.includes(fd) ? fd : "ignore"));
}

/** The descriptors above standard error that this process was started with, where the system tells. Its own are anonymous, /dev/null, or both ends of a pipe. */
function inheritedDescriptors(): number[] {
  let names: string[];
  try {
    names = readdirSync("/proc/self/fd");
  } catch {
    return [];
  }
  const targets = names.flatMap((name): [number, string][] => {
    try {
      return [[Number(name), readlinkSync(`/proc/self/fd/${name}`)]];
    } catch {
      return []; // of the listing itself
    }
  });
  const ends = (target: string): number => targets.filter(([, other]) => other === target).length;
  return targets.flatMap(([fd, target]) => (fd <= 2 || target === "/dev/null" || target.startsWith("anon_inode:") || (target.startsWith("pipe:") && ends(target) > 1) ? [] : [fd]));
}
