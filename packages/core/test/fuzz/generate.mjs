// Generates random programs, as data that both oracle.py and interpret.mjs can run.
//
//   { main: [op, …] }    op: { n, op, … }, n its number; blocks nest in body, handler, final
//
// Programs name their objects (t1, f2, …). An operation may name an object that does not exist yet: both sides then
// record "missing". A task only awaits tasks that come later in the text, so tasks never await each other in a
// circle. In CPython, the cancellation of such a task ends in a RecursionError.
import { seededRandom } from "./random.mjs";

/** How many ops a program has at the most: short ones shrink fast, long ones find more. */
const BUDGETS = [8, 20, 40, 80];
const DELAYS = [0, 0, 0, 1, 1, 2, 3, 5];
const LIMITS = [0, 1, 1, 2, 3, 4, null];

/** What can be waited for and cancelled, by the first letter of its name. */
const FUTURES = ["t", "f", "g", "s", "x"];

/**
 * @param seed an integer: the same program for the same seed and features
 * @param features which kinds of op may appear
 */
export function generate(seed, features) {
  return new Generator(seed, features).program();
}

class Generator {
  constructor(seed, features) {
    this.random = seededRandom(seed);
    this.features = new Set(features);
    this.left = this.random.pick(BUDGETS);
    this.counter = 0;
    this.names = [];
    this.owner = 0;
    this.scopes = [];
    this.groups = [];
  }

  program() {
    // Some futures, locks, queues and tasks stand at the head, so that tasks meet at them.
    const head = [];
    for (const kind of ["lock", "semaphore", "event", "condition", "barrier", "queue"]) if (this.has(kind) && this.random.chance(0.3)) head.push(this.make(kind));
    for (let futures = this.random.below(3); futures > 0; futures -= 1) head.push(this.op("future", { name: this.name("f") }));
    for (let tasks = this.random.below(4); tasks > 0; tasks -= 1) head.push(this.spawn("spawn", 0));
    return { main: [...head, ...this.block(0, { least: 3, most: 12 })] };
  }

  has(feature) {
    return this.features.has(feature);
  }

  name(letter) {
    const name = `${letter}${++this.counter}`;
    this.names.push(name);
    return name;
  }

  op(op, fields = {}) {
    return { n: ++this.counter, op, ...fields };
  }

  block(depth, { least = 1, most = 6 } = {}) {
    const ops = [];
    for (let wanted = least + this.random.below(most - least + 1); wanted > 0 && this.left > 0; wanted -= 1) ops.push(this.step(depth));
    return ops;
  }

  step(depth) {
    this.left -= 1;
    const deep = depth >= 4;
    const choices = [
      [6, () => this.op("sleep", { d: this.delay(), v: this.random.chance(0.3) ? this.random.below(100) : null })],
      [7, () => this.awaitOp()],
      [4, () => this.guarded()],
      // Rarely at the head, where they end the whole program.
      [depth === 0 ? 0.1 : 1.5, () => this.op("raise", { v: this.label(), cancelled: this.random.chance(0.2) })],
      [depth === 0 ? 0.1 : 0.7, () => this.op("return", { v: this.random.below(100) })],
      [16, () => this.plain(depth)],
    ];
    const add = (weight, feature, make) => {
      if (this.has(feature)) choices.push([weight, make]);
    };
    if (!deep) {
      choices.push([6, () => this.tryOp(depth)]);
      add(3, "eager", () => this.spawn("eager", depth));
      add(4, "timeout", () => this.scoped("timeout", "m", this.scopes, depth, { d: this.limit() }));
      add(4, "group", () => this.scoped("group", "r", this.groups, depth, {}));
      add(3, "lock", () => this.withKnown(["l", "p"], "hold", () => ({ body: this.block(depth + 1, { least: 0, most: 3 }) })));
    }
    add(3, "wait", () => this.op("wait", { xs: this.several(FUTURES, 1), d: this.limit(), when: this.random.pick(["FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED"]) }));
    add(3, "waitfor", () => this.op("waitfor", { x: this.later(FUTURES), d: this.limit() }));
    add(2, "completed", () => this.op("completed", { xs: this.several(FUTURES, 1), d: this.limit() }));
    add(4, "call", () => this.op("calling", { ...this.work(), limit: this.limit(), how: this.random.pick(["await", "await", "waitfor", "wait", "gather"]) }));
    add(3, "within", () => this.within());
    if (!deep) add(2, "within", () => this.handOver());
    add(3, "event", () => this.withKnown(["e"], "eventwait"));
    add(2, "condition", () => this.withKnown(["c"], "conditionwait"));
    add(2, "condition", () => this.withKnown(["c"], "notify", () => ({ v: this.random.pick([1, 1, 2, null]) })));
    add(3, "barrier", () => this.withKnown(["b"], this.random.weighted([[6, "barrierwait"], [1, "barrierabort"], [1, "barrierreset"]])));
    add(3, "queue", () => this.withKnown(["q"], "put", () => ({ v: this.random.below(100) })));
    add(4, "queue", () => this.withKnown(["q"], "take"));
    add(1, "queue", () => this.withKnown(["q"], "join"));
    return this.random.weighted(choices)();
  }

  /** An operation that does not wait. Callbacks consist of these. */
  plain(depth) {
    const deep = depth >= 4;
    const choices = [
      [2, () => this.op("log")],
      [2, () => this.op("future", { name: this.name("f") })],
      [4, () => this.op("set", { x: this.any(["f"]), v: this.random.below(100) })],
      [2, () => this.op("fail", { x: this.any(["f"]), v: this.label() })],
      [8, () => this.op("cancel", { x: this.random.chance(0.08) ? "self" : this.any(FUTURES), msg: this.random.chance(0.5) ? this.label() : null })],
      [1, () => this.op("uncancel", { x: this.task() })],
      [1, () => this.op("cancelling", { x: this.task() })],
      [2, () => this.op("state", { x: this.any(FUTURES) })],
      [2, () => this.op("result", { x: this.any(FUTURES) })],
      [1, () => this.op("drop", { x: this.any(["h"]) })],
    ];
    const add = (weight, feature, make) => {
      if (this.has(feature)) choices.push([weight, make]);
    };
    if (!deep) {
      choices.push([16, () => this.spawn("spawn", depth)]);
      choices.push([2, () => this.callback("soon", depth)]);
      choices.push([2, () => this.callback("later", depth, { d: this.delay() })]);
      add(2, "donecb", () => this.callback("donecb", depth, { x: this.any(FUTURES) }));
      if (this.groups.length > 0) choices.push([14, () => this.spawn("groupspawn", depth, { x: this.random.pick(this.groups) })]);
    }
    add(4, "gather", () => this.op("gather", { xs: this.several(FUTURES, 0), all: this.random.chance(0.4), name: this.name("g") }));
    add(3, "shield", () => this.op("shield", { x: this.later(FUTURES), name: this.name("s") }));
    add(4, "call", () => this.op("call", { name: this.name("x"), ...this.work() }));
    add(1, "who", () => this.op("who"));
    add(1, "tasks", () => this.op("tasks"));
    if (this.scopes.length > 0) choices.push([3, () => this.op("resched", { x: this.random.pick(this.scopes), d: this.limit() })]);
    for (const kind of ["lock", "semaphore", "event", "condition", "barrier", "queue"]) add(0.5, kind, () => this.make(kind));
    add(1, "lock", () => this.withKnown(["l", "p"], "locked"));
    add(1, "semaphore", () => this.withKnown(["p"], "release"));
    add(3, "event", () => this.withKnown(["e"], "eventset"));
    add(1, "event", () => this.withKnown(["e"], "eventclear"));
    add(2, "queue", () => this.withKnown(["q"], "putnow", () => ({ v: this.random.below(100) })));
    add(2, "queue", () => this.withKnown(["q"], "takenow"));
    add(1, "queue", () => this.withKnown(["q"], "taskdone"));
    add(0.5, "queue", () => this.withKnown(["q"], "shutdown", () => ({ v: this.random.chance(0.3) })));
    add(1, "queue", () => this.withKnown(["q"], "size"));
    return this.random.weighted(choices)();
  }

  make(kind) {
    switch (kind) {
      case "lock":
        return this.op(kind, { name: this.name("l") });
      case "semaphore":
        return this.op(kind, { name: this.name("p"), v: this.random.below(3) });
      case "event":
        return this.op(kind, { name: this.name("e") });
      case "condition":
        return this.op(kind, { name: this.name("c") });
      case "barrier":
        return this.op(kind, { name: this.name("b"), v: 1 + this.random.below(3) });
      default:
        return this.op(kind, { name: this.name("q"), v: this.random.pick([0, 0, 1, 2]), kind: this.random.pick(["fifo", "fifo", "lifo", "priority"]) });
    }
  }

  /** An operation on an object of these kinds, or a sleep without one. */
  withKnown(letters, op, fields = () => ({})) {
    const x = this.known(letters);
    return x === undefined ? this.op("sleep", { d: this.delay(), v: null }) : this.op(op, { x, ...fields() });
  }

  /** A wait of a lock or a queue with a time limit: it may end while it is being given what it waits for. */
  within() {
    const kinds = [["q"], ["l", "p"], ["e"]].filter((letters) => this.known(letters) !== undefined);
    if (kinds.length === 0) return this.op("sleep", { d: this.delay(), v: null });
    const x = this.known(this.random.pick(kinds));
    const op = { q: this.random.pick(["takewithin", "takewithin", "putwithin"]), e: "eventwithin" }[x[0]] ?? "holdwithin";
    const d = this.limit();
    // A coroutine begins in wait_for, which does not begin it without time. A call that has begun is over at once.
    const begun = d !== 0 && this.random.chance(0.7);
    return this.op("try", { body: [this.op(op, { x, d, begun, v: this.random.below(100) })], catch: this.random.pick(["error", "all"]), handler: [], rethrow: this.random.chance(0.3), final: [] });
  }

  /** Two tasks wait in one line. What they wait for is given to the first, which is cancelled before it runs. */
  handOver() {
    const x = this.known(["q", "p"]);
    if (x === undefined) return this.op("sleep", { d: this.delay(), v: null });
    const waits = Array.from({ length: 2 }, () => {
      const name = this.name("t");
      const wait = x[0] === "q" ? this.op("takewithin", { x, d: null, begun: this.random.chance(0.5), v: 0 }) : this.op("holdwithin", { x, d: null, begun: this.random.chance(0.5) });
      return this.op("spawn", { name, body: [wait] });
    });
    const given = this.op("handover", { x, t: waits[0].name, v: this.random.below(100) });
    return this.op("try", { body: [...waits, this.op("sleep", { d: this.random.below(2), v: null }), given], catch: "none", handler: [], rethrow: false, final: [] });
  }

  /** A call of an executor: after `d`, it gives `v` or fails. */
  work() {
    return { d: this.delay(), v: this.random.below(100), fails: this.random.chance(0.2) };
  }

  spawn(op, depth, fields = {}) {
    const name = this.name("t");
    const made = this.op(op, { name, ...fields });
    const { owner, scopes, groups } = this;
    this.owner = this.counter;
    // A timeout's or a group's own body is left behind; their names are still known.
    made.body = this.block(depth + 1);
    if (op === "spawn" && this.has("leftover") && this.random.chance(0.15)) made.body.push(this.op("leave", { x: this.later(FUTURES) }));
    Object.assign(this, { owner, scopes, groups });
    return made;
  }

  callback(op, depth, fields = {}) {
    const made = this.op(op, { name: this.name("h"), ...fields, body: [] });
    for (let wanted = 1 + this.random.below(2); wanted > 0 && this.left > 0; wanted -= 1) {
      this.left -= 1;
      made.body.push(this.plain(depth + 1));
    }
    return made;
  }

  scoped(op, letter, known, depth, fields) {
    const name = this.name(letter);
    known.push(name);
    const made = this.op(op, { name, ...fields, body: this.block(depth + 1) });
    if (this.random.chance(0.8)) known.pop();
    return made;
  }

  tryOp(depth) {
    return this.op("try", {
      body: this.block(depth + 1, { least: 1, most: 4 }),
      catch: this.random.pick(["cancelled", "error", "all", "all", "none"]),
      handler: this.block(depth + 1, { least: 0, most: 2 }),
      rethrow: this.random.chance(0.4),
      final: this.random.chance(0.4) ? this.block(depth + 1, { least: 0, most: 2 }) : [],
    });
  }

  /** An await whose error does not end the task. */
  guarded() {
    return this.op("try", { body: [this.awaitOp()], catch: this.random.pick(["error", "all", "all"]), handler: [], rethrow: false, final: [] });
  }

  awaitOp() {
    return this.op("await", { x: this.later(FUTURES) });
  }

  /** The name of an object of these kinds, or a name without an object if there is none yet. */
  any(letters) {
    return this.known(letters) ?? `${letters[0]}0`;
  }

  known(letters) {
    const known = this.names.filter((name) => letters.includes(name[0]));
    return known.length === 0 ? undefined : this.random.pick(known);
  }

  task() {
    return this.random.chance(0.4) ? "self" : this.any(["t"]);
  }

  /** Something to wait for: a task, or what holds one, only if it is made later than the task that waits. */
  later(letters) {
    const known = this.names.filter((name) => letters.includes(name[0]) && (name[0] === "f" || Number(name.slice(1)) > this.owner));
    return known.length === 0 ? "f0" : this.random.pick(known);
  }

  several(letters, least) {
    return Array.from({ length: least + this.random.below(3) }, () => this.later(letters));
  }

  delay() {
    return this.random.pick(DELAYS);
  }

  limit() {
    return this.random.pick(LIMITS);
  }

  label() {
    return `m${this.counter}`;
  }
}
