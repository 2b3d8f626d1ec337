// Actors under the same faults as the pools.
import { closeActor, spawnActor } from "@offloop/workers";
import { codeOf, settle } from "./check.mjs";
import { Counter, faults } from "./tasks.mjs";
import { thrown, values } from "./values.mjs";

const GONE = ["ERR_OFFLOOP_WORKER_CRASHED", "ERR_OFFLOOP_OUT_OF_MEMORY", "ERR_OFFLOOP_SHUTDOWN", "ERR_OFFLOOP_WORKER_START"];
const faultNames = Object.keys(faults).filter((name) => name !== "loops");

/** Spawns an actor, calls it `count` times, and ends it at a random moment. */
export async function actor(count, { random, drive }) {
  const kind = random.pick(["thread", "process"]);
  const restart = random.pick(["never", "on-crash"]);
  let counter;
  await drive(`${kind} actor`, "spawn", async () => {
    const spawned = await settle(spawnActor.with({ kind, restart, closeTimeoutMs: random.pick([0, 20, 1_000]) })(Counter, 0));
    if ("error" in spawned && codeOf(spawned.error) !== "ERR_OFFLOOP_WORKER_START") throw spawned.error;
    counter = spawned.value;
    return counter === undefined ? "actor not started" : "actor spawned";
  });
  if (counter === undefined) return; // a signal has hit its process
  const end = random.chance(0.5) ? random.below(count) : Infinity;
  let closing;
  const check = (label, outcome, fits) => {
    if ("error" in outcome && GONE.includes(codeOf(outcome.error))) return "gone";
    if (!fits(outcome)) throw Object.assign(new Error(`${label} of a ${kind} actor must not end like this`), { outcome });
    return label;
  };
  const one = async (index) => {
    if (index === end) closing = closeActor(counter);
    return random.weighed([
      [10, async () => check("actor add", await settle(counter.add(1)), ({ value }) => Number.isInteger(value) && value > 0)],
      [5, async () => check("actor add later", await settle(counter.addLater(1)), ({ value }) => Number.isInteger(value) && value > 0)],
      [2, async () => check("actor throws", await settle(counter.throws(random.pick(Object.keys(thrown)))), (outcome) => "error" in outcome)],
      [2, async () => { const name = random.pick(Object.keys(values)); return check(`actor returns ${name}`, await settle(counter.returns(name)), (outcome) => values[name].may === true || "value" in outcome === (values[name].travels === true)); }],
      [2, async () => { const items = []; return check("actor items", await settle((async () => { for await (const item of await counter.items(20)) items.push(item); })()), (outcome) => "value" in outcome && items.length === 20); }],
      [0.3, async () => check("actor fault", await settle(counter.fails(random.pick(faultNames))), () => true)],
    ])();
  };
  await Promise.all(Array.from({ length: count }, (_, index) => drive(`${kind} actor`, index, () => one(index))));
  await drive(`${kind} actor`, "close", () => closing ?? closeActor(counter));
}
