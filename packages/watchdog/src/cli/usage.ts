// The usage of the command line, and the error for a command line that cannot be read.
import { WatchdogError } from "../errors.js";

/** The command line cannot be read. The message says what is wrong with it. */
export class UsageError extends WatchdogError {
  static override readonly code = "ERR_OFFLOOP_USAGE";
  declare readonly code: "ERR_OFFLOOP_USAGE";

  static {
    this.prototype.name = "UsageError";
  }
}

/** What `offloop <command> --help` prints. */
export const USAGES: Readonly<Record<string, string>> = {
  watch: `Usage: offloop watch [options] <script or tool> [its arguments]

Runs a Node.js program, or a tool that starts one, such as tsx or npm. Names the line that holds the event loop, while
the loop is held. Watches all processes of the program, and reports on them together.

  --threshold <ms>          report a stall when the loop has not turned for this long
                            (default: 100, or 500 if NODE_ENV is production)
  --startup-threshold <ms>  the threshold while modules are loaded (default: 10 × threshold)
  --report <format>         console, json or silent (default: console)
  --sync-calls              report calls of Node's *Sync functions while the loop runs
  --breadcrumbs <level>     off, light or full: which blocking calls are named while they block (default: light)
  --requests <range>        off, entry (until the first await of the handler) or follow:
                            name the HTTP request of a stall (default: follow, or entry before Node 24)
  --html <file>             write a report in HTML, renewed while the program runs
  --profile <file>          write a .cpuprofile of all stalls
  --json <file>             append each event as a line of JSON
  --serve <[host:]port>     serve a live page, /healthz, /metrics and /stalls (default host: 127.0.0.1)
  --no-summary              print no table of the worst places at the end
  --node <flag>             a flag for node, such as --node=--enable-source-maps; can be repeated
`,
  dump: `Usage: offloop dump [options] <process id>

Prints what a running Node.js process does now: what holds its event loop, its threads, tasks and pools. Nothing has to
be prepared in the process, which goes on as before. Opens its inspector for less than a second.

  --no-values               read no arguments and local variables
  --depth <frames>          the number of frames of each stack (default: 20)
  --json                    print an object in JSON
`,
  attach: `Usage: offloop attach [options] <process id>

Watches a running Node.js process as \`offloop watch\` does, and takes the watchdog out of it at the end.

  --seconds <number>        end the watch after this time (default: when the command is interrupted)
  --threshold <ms>          report a stall when the loop has not turned for this long
                            (default: 100, or 500 if the NODE_ENV of the process is production)
  --html <file>             write a report in HTML
`,
  top: `Usage: offloop top [options] <process id>

Shows what a running Node.js process does, once a second: the delay of its event loop, what holds it, tasks, pools and
the slowest functions. Prints a line a second if the output is no terminal.

  --interval <seconds>      the time between two samples (default: 1)
  --seconds <number>        end after this time (default: at the key q)
`,
};

/**
 * What `offloop --help` prints.
 * @param others a sentence for each command that is not of this package
 */
export function usageOf(others: Readonly<Record<string, string>>): string {
  const texts = [...Object.values(USAGES), ...Object.entries(others).map(([name, sentence]) => `Usage: offloop ${name} [options]\n\n${sentence}\n`)];
  return `${texts.join("\n")}\n\`offloop --version\` prints the version, and \`offloop --help\` this text. Each command has both options too.\n`;
}
