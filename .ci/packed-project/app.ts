// The first program of a person who installed the published packages: compiled with their types,
// without skipLibCheck, and run on Node from an empty folder.
import { strict as assert } from "node:assert";
import { threadId } from "node:worker_threads";
import { ProcessPoolExecutor, toThread } from "offloop";
import { square } from "./work.js";

const answer = await toThread(square, 12);
assert.equal(answer.square, 144);
assert.notEqual(answer.threadId, threadId);

// @ts-expect-error the argument is a number
await toThread(square, "12").catch(() => {});

const processes = new ProcessPoolExecutor({ maxWorkers: 1 });
assert.equal((await processes.submit(square, 5)).square, 25);
await processes.shutdown();
