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
