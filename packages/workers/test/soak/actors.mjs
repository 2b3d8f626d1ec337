// Actors under the same faults as the pools.
import { closeActor, spawnActor } from "@offloop/workers";
import { codeOf, settle } from "./check.mjs";
import { Counter, faults, ownFaults } from "./tasks.mjs";
import { thrown, values } from "./values.mjs";

const GONE = ["ERR_OFFLOOP_WORKER_CRASHED", "ERR_OFFLOOP_OUT_OF_MEMORY", "ERR_OFFLOOP_SHUTDOWN", "ERR_OFFLOOP_WORKER_START"];
const forThreads = Object.keys(faults).filter((name) => name !== "loops");
const faultNames = { thread: forThreads, process: [...forThreads, ...Object.keys(ownFaults)] };

/** Spawns an actor, calls it `count` times, and ends it at a random moment. */
export async function actor(count, { random, drive }) {
  const kind = random.pick(["thread", "process"]);
  const options = { kind, restart: random.pick(["never", "on-crash"]), closeTimeoutMs: random.pick([0, 20, 1_000]) };
  let counter;
  await drive(`${kind} actor`, "spawn", async () => {
    const spawned = await settle(spawnActor.with(options)(Counter, 0));
    if ("error" in spawned && codeOf(spawned.error) !== "ERR_OFFLOOP_WORKER_START") throw spawned.error;
    counter = spawned.value;
    return counter === undefined ? "actor not started" : "actor spawned";
  });
  if (counter === undefined) return; // a signal has hit its process
  const end = random.chance(0.5) ? random.below(count) : Infinity;
  let closing;
  const check = (label, outcome, fits) => {
    if ("error" in outcome && GONE.includes(codeOf(outcome.error))) return "actor gone";
    if (!fits(outcome)) throw Object.assign(new Error(`${label} of a ${kind} actor must not end like this`), { outcome });
    return `actor ${label}`;
  };
  const one = async (index, random, note) => {
    if (index === end) closing = closeActor(counter);
    const label = random.weighed([[10, "add"], [5, "addLater"], [2, "throws"], [2, "returns"], [2, "items"], [1, "itemsAtOnce"], [0.3, "fails"]]);
    const name = random.pick({ throws: Object.keys(thrown), returns: Object.keys(values), fails: faultNames[kind] }[label] ?? [""]);
    note(`actor ${label} ${name}`, options);
    const isCount = ({ value }) => Number.isInteger(value) && value > 0;
    switch (label) {
      case "add": return check(label, await settle(counter.add(1)), isCount);
      case "addLater": return check(label, await settle(counter.addLater(1)), isCount);
      case "throws": return check(label, await settle(counter.throws(name)), (outcome) => "error" in outcome);
      case "returns": return check(label, await settle(counter.returns(name)), (outcome) => values[name].may === true || "value" in outcome === (values[name].travels === true));
      case "fails": return check(label, await settle(counter.fails(name)), () => true);
      case "itemsAtOnce": return check(label, await settle((async () => {
        const items = await counter.items(1);
        return Promise.all([items.next(), items.next(), items.return()]);
      })()), ({ value }) => value?.map((step) => step.done).join() === "false,true,true");
      default: {
        const items = [];
        return check(label, await settle((async () => { for await (const item of await counter.items(20)) items.push(item); })()), (outcome) => "value" in outcome && items.length === 20);
      }
    }
  };
  await Promise.all(Array.from({ length: count }, (_, index) => drive(`${kind} actor`, index, (note) => one(index, random.fork(index), note))));
  await drive(`${kind} actor`, "close", () => closing ?? closeActor(counter));
}
