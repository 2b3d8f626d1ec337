// The reaper: a shell that outlives this process and ends the children that are left. A child whose event
// loop turns sees its socket close and ends by itself. A child that is busy does not, and when this process
// is killed, no other process would end it.
//
//   this process ── "+pid", "-pid" on a pipe ──▶ sh    the pipe closes when this process ends, however it ends
import type { ChildProcess } from "node:child_process";

/** Seconds that children have to end by themselves. A guess: a running call may still finish. */
const GRACE_SECONDS = 2;

const script = `
pids=" "
while read -r sign pid; do
  case "$sign" in
    +) pids="$pids$pid " ;;
    -) pids="\${pids%%" $pid "*} \${pids#*" $pid "}" ;;
  esac
done
for pid in $pids; do alive=1; done
[ -n "$alive" ] || exit 0
sleep ${GRACE_SECONDS}
kill -9 $pids 2>/dev/null
exit 0
`;

/** Children that have not exited. A shell that could not be started is tried again with the next child. */
const alive = new Set<number>();
let reaper: ChildProcess | undefined;

/**
 * Ends the child when this process is gone, however it ended, also while the child is busy. A child whose
 * event loop turns should end by itself when its socket closes. Has no effect on Windows, which has no such shell.
 */
export function endWithParent(child: ChildProcess): void {
  if (process.platform === "win32" || child.pid === undefined) return;
  const { pid } = child;
  alive.add(pid);
  if (reaper === undefined) start();
  else tell(`+ ${pid}`);
  child.once("exit", () => {
    alive.delete(pid);
    tell(`- ${pid}`);
  });
}

function tell(line: string): void {
  if (reaper?.stdin?.writable === true) reaper.stdin.write(`${line}\n`);
}

function start(): void {
  // In its own process group: a signal to this process's group must not end the shell first.
  let shell: ChildProcess;
  try {
    shell = process.getBuiltinModule("node:child_process").spawn("/bin/sh", ["-c", script], { stdio: ["pipe", "ignore", "ignore"], detached: true, cwd: "/" });
  } catch {
    return; // as below
  }
  shell.on("error", () => (reaper = undefined)); // without a shell, only children that are not busy end
  shell.stdin?.on("error", () => {});
  shell.once("exit", () => (reaper = undefined));
  shell.unref();
  (shell.stdin as unknown as { unref?(): void } | null)?.unref?.();
  reaper = shell;
  for (const pid of alive) tell(`+ ${pid}`);
}
