// Virtual time under the loop that ships: replaces Node's timers and clock before the loop is imported, so
// the loop runs unchanged. When nothing is ready, the clock jumps to the next timer. Use it in a separate
// process, because the replacement is permanent.
//
//   loop ─▶ setTimeout, performance.now (ours) ─▶ nothing pending in Node ─▶ jump, fire
const realSetImmediate = globalThis.setImmediate;
const realClearImmediate = globalThis.clearImmediate;

/** The start of the clock. It is above zero, as in a real process. */
let now = 1_000;
let sequence = 0;
const timers = new Set();
const immediates = new Set();
let turning = false;

class VirtualTimer {
  constructor(when, fire) {
    this.when = when;
    this.sequence = sequence++;
    this.fire = fire;
  }

  ref() {
    return this;
  }

  unref() {
    return this;
  }

  hasRef() {
    return true;
  }
}

function setVirtualTimeout(callback, delay = 1, ...args) {
  const timer = new VirtualTimer(now + Math.max(1, delay), () => callback(...args));
  timers.add(timer);
  keepTurning();
  return timer;
}

function setCountedImmediate(callback, ...args) {
  const immediate = realSetImmediate(() => {
    immediates.delete(immediate);
    callback(...args);
  });
  immediates.add(immediate);
  return immediate;
}

function clearCountedImmediate(immediate) {
  immediates.delete(immediate);
  realClearImmediate(immediate);
}

function keepTurning() {
  if (turning || timers.size === 0) return;
  turning = true;
  realSetImmediate(turn);
}

function turn() {
  turning = false;
  if (immediates.size === 0) fireNext();
  keepTurning();
}

function fireNext() {
  let next;
  for (const each of timers) if (next === undefined || each.when < next.when || (each.when === next.when && each.sequence < next.sequence)) next = each;
  if (next === undefined) return;
  timers.delete(next);
  now = Math.max(now, next.when);
  next.fire();
}

/** Replaces the clock of this process by virtual time. */
export function replaceTime() {
  performance.now = () => now;
  globalThis.setTimeout = setVirtualTimeout;
  globalThis.clearTimeout = (timer) => void timers.delete(timer);
  globalThis.setImmediate = setCountedImmediate;
  globalThis.clearImmediate = clearCountedImmediate;
}
