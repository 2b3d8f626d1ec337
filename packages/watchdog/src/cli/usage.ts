// What the command line takes, and the error that says so.

/** The command line cannot be read; the message says where. */
export class UsageError extends Error {
  static {
    this.prototype.name = "UsageError";
  }
}

/** What `offloop --help` prints. */
export const usage = `Usage: offloop watch [options] <script> [arguments of the script]

Runs a Node program and says which line holds its event loop, while it holds it.

  --threshold <ms>          report when the loop does not turn for this long (100; 500 in production)
  --startup-threshold <ms>  the same while modules are loaded (10 × the threshold)
  --report <format>         console, json or silent (console)
  --sync-calls              report calls of Node's *Sync functions while the loop runs
  --breadcrumbs <level>     off, light or full: which blocking calls are named while they block (light)
  --requests <how far>      off, entry (to the handler's first await) or follow: which HTTP request a stall belongs to
  --html <file>             write a report in HTML
  --profile <file>          write a .cpuprofile of all stalls
  --json <file>             append each event as a line of JSON
  --serve <[host:]port>     serve /healthz, /metrics and /stalls (on 127.0.0.1)
  --no-summary              no table at the end
  --node <flag>             a flag for node, such as --node=--enable-source-maps; may be repeated
`;
