// The same from CommonJS: the doors of the packages give the ES modules themselves.
import { strict as assert } from "node:assert";
import { threadId } from "node:worker_threads";
import { Future, toThread } from "offloop";
import core = require("@offloop/core");
import { InlineExecutor } from "@offloop/workers";

function cube(n: number): { cube: number; threadId: number } {
  return { cube: n ** 3, threadId: (require("node:worker_threads") as typeof import("node:worker_threads")).threadId };
}

async function main(): Promise<void> {
  assert.equal(core.toThread, toThread);
  const call: core.Future<{ cube: number; threadId: number }> = toThread(cube, 3);
  assert.ok(call instanceof Future);
  const answer = await call;
  assert.equal(answer.cube, 27);
  assert.notEqual(answer.threadId, threadId);
  assert.equal(await new InlineExecutor().submit((n: number) => n + 1, 1), 2);
}

void main();
