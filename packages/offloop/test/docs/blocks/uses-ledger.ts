// Calls each member of the actor of docs/actors.md.
import { proxy, spawnActor } from "offloop";
import { Ledger } from "./ledger.js";

await using ledger = await spawnActor(Ledger);
await ledger.add("opened");
await ledger.add("closed");
const steps: number[] = [];
const text = await ledger.digest(proxy((done) => void steps.push(done)));
const lines: string[] = [];
for await (const line of ledger.lines()) lines.push(line);
using cursor = await ledger.cursor();
console.log(await ledger.size, text, steps.join(), lines.join(), await cursor.next());
