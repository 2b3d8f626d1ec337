import { installCapture } from "#watchdog/watched/capture-stack.js";
import { expect, it } from "vitest";

installCapture(undefined);
const capture = (globalThis as unknown as Record<symbol, () => string>)[Symbol.for("offloop.watchdog.capture")]!;

/** How many of the microtasks and ticks that captures queue have run so far. */
const turned = (): number => (JSON.parse(capture()) as { turned: number }).turned;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("queues no tick between callbacks, where Node would lose it and all later ones", async () => {
  await turn();
  const before = turned(); // from here, a callback: a microtask and a tick
  await turn();
  expect(turned() - before).toBe(2);
  await turn();
  const between = turned();
  await turn();
  setTimeout(capture, 0); // by Node itself, with nothing of the program on the stack: a microtask alone
  await new Promise((resolve) => setTimeout(resolve, 0)); // timers of one length run in their order
  await turn();
  expect(turned() - between).toBe(2 + 1);
});

it("takes the positions in the sources from a program that formats its stacks itself", () => {
  const { prepareStackTrace } = Error;
  const own = (captureHere: () => string) => (JSON.parse(captureHere()) as { frames: { function: string; file: string; line: number; column: number; mapped?: boolean }[] }).frames;
  function stalls(): ReturnType<typeof own> {
    return own(capture);
  }
  try {
    Error.prepareStackTrace = (error, sites) => [String(error), ...sites.map((site, index) => `    at ${site.getFunctionName() === "stalls" ? "stalls (/src/work.ts:7:3)" : `x (/y:${index}:1)`}`)].join("\n");
    const mapped = stalls();
    expect(mapped.find(({ function: name }) => name === "stalls")).toMatchObject({ file: "/src/work.ts", line: 7, column: 3, mapped: true });
    Error.prepareStackTrace = () => { throw new Error("no"); };
    expect(stalls().find(({ function: name }) => name === "stalls")).not.toHaveProperty("mapped");
    expect(stalls().length).toBe(mapped.length);
  } finally {
    Error.prepareStackTrace = prepareStackTrace as NonNullable<typeof prepareStackTrace>;
  }
});

it("asks Node's own function for no positions, which it would look up for each sample", () => {
  const { prepareStackTrace } = Error;
  let asked = 0;
  try {
    Error.prepareStackTrace = function ErrorPrepareStackTrace() { asked += 1; return ""; };
    capture();
  } finally {
    Error.prepareStackTrace = prepareStackTrace as NonNullable<typeof prepareStackTrace>;
  }
  expect(asked).toBe(0);
});

it("describes the ends of a deep stack, which lead from the code that runs to what began it", () => {
  const down = (levels: number): string => (levels === 0 ? capture() : down(levels - 1).slice(0));
  function began(): string {
    return down(1_500);
  }
  const { frames } = JSON.parse(began()) as { frames: { function: string }[] };
  const names = frames.map(({ function: name }) => name);
  expect(names[0]).toBe("down");
  expect(names.indexOf("began")).toBeGreaterThan(400);
  expect(frames.length).toBeLessThanOrEqual(500);
  const shallow = JSON.parse(down(100)) as { frames: { function: string }[] };
  expect(shallow.frames.filter(({ function: name }) => name === "down")).toHaveLength(101);
});
