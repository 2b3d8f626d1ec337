// The capabilities that an executor lacks. A test for each checks that the executor refuses the feature, or behaves as
// without it. The title has the reason that the executor gave.
import { MessageChannel } from "node:worker_threads";
import { CloneError, FunctionTravelError, InvalidOptionError } from "../../executor/errors.js";
import { transfer } from "../../executor/transfer.js";
import { expect } from "../expect.js";
import * as calls from "../fixtures/calls.js";
import * as back from "../fixtures/from-thread.js";
import { type Capabilities, type Capability, type Kind, rejection, runProgram } from "../harness.js";

const proofs: Record<Capability, [what: string, proof: (kind: Kind) => void | Promise<void>]> = {
  workers: [
    "runs calls on the caller's thread",
    async ({ make }) => expect(await make().submit(calls.where)).toBe(calls.where()),
  ],
  ownProcess: [
    "has workers in the caller's process",
    async ({ make }) => expect(String(await make().submit(calls.where)).split("/")[0]).toBe(String(process.pid)),
  ],
  sharedMemory: [
    "refuses shared memory, with its path",
    async ({ make }) => {
      for (const value of [new SharedArrayBuffer(4), new Int32Array(new SharedArrayBuffer(4))]) {
        const error = await rejection(make().submit(calls.identity, value));
        expect(error).toBeInstanceOf(CloneError);
        expect(error.path).toBe("args[0]");
      }
    },
  ],
  transfer: [
    "refuses to move a port, with its path, and copies buffers",
    async ({ make }) => {
      const { port1, port2 } = new MessageChannel();
      try {
        const error = await rejection(make().submit(calls.identity, transfer({ deep: { port2 } }, [port2])));
        expect(error).toBeInstanceOf(CloneError);
        expect(error.path).toBe("args[0].deep.port2");
      } finally {
        port1.close();
      }
      const bytes = new Uint8Array(8);
      expect(await make().submit(calls.byteLength, transfer(bytes, [bytes.buffer]))).toBe(8);
      expect(bytes.byteLength).toBe(8);
    },
  ],
  code: [
    "refuses a function that can only travel as its code",
    async ({ make }) => {
      const factor = Number("3");
      const error = await rejection(make().submit((x: number) => x * factor, 2));
      expect(error).toBeInstanceOf(FunctionTravelError);
    },
  ],
  syncWayBack: [
    "refuses fromThread.sync, and says what to use",
    async ({ make }) => expect(String(await rejection(make().submit(back.asksSync, 1, 2)))).toMatch(/Await fromThread\(\), or run the call on a ThreadPoolExecutor/),
  ],
  nodeOptions: ["refuses env and execArgv by name", ({ make }) => refuses(make, { env: {} }, { execArgv: [] })],
  heapLimit: ["refuses maxHeapBytes by name", ({ make }) => refuses(make, { maxHeapBytes: 2 ** 26 })],
  output: ["prints nothing in the caller's program", async ({ module }) => expect(await runProgram("prints-and-ends", module)).toBe("")],
  niceness: ["refuses nice by name", ({ make }) => refuses(make, { nice: 1 })],
};

function refuses(make: Kind["make"], ...all: Parameters<Kind["make"]>[0][]): void {
  for (const options of all) {
    expect(() => make(options)).toThrow(InvalidOptionError);
    expect(() => make(options)).toThrow(Object.keys(options!)[0]!);
  }
}

/** Defines a test for each capability that the executor lacks. The test checks that the executor refuses it. */
export function refusals(kind: Kind, capabilities: Capabilities): void {
  for (const [capability, [what, proof]] of Object.entries(proofs)) {
    const reason = capabilities[capability as Capability];
    if (typeof reason === "string") kind.it(`${what}: ${reason}`, () => proof(kind));
  }
}
