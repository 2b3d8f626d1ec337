// What the program hands to workers.
const factor = 3;

export function triple(x) {
  return x * factor;
}

export class WorkError extends Error {
  name = "WorkError";
  code = "E_WORK";
}

export function fails() {
  throw new WorkError("as asked");
}

export function holdLoop(ms) {
  for (const end = performance.now() + ms; performance.now() < end; );
}

/** Holds the loop until the process has had this much CPU time. The watchdog leaves out waits for a CPU, which a busy machine has. */
export function compute(ms) {
  const { user } = process.cpuUsage();
  while (process.cpuUsage().user - user < ms * 1_000) holdLoop(20);
}
