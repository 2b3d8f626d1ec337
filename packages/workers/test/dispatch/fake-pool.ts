// A dispatcher over fake workers in a virtual world, and the calls of a test.
import { Call } from "#workers/dispatch/call.js";
import { Dispatcher } from "#workers/dispatch/dispatcher.js";
import { FunctionProfile } from "#workers/dispatch/function-profile.js";
import { type PoolOptions, resolvePoolOptions } from "#workers/dispatch/pool-options.js";
import { type CallOptions, resolveCallOptions } from "#workers/executor/call-options.js";
import { FakeKind, type FakeOptions, type FakeWorker } from "./fake-worker.js";
import { VirtualWorld } from "./virtual-world.js";

export class FakePool {
  readonly world = new VirtualWorld();
  readonly kind: FakeKind;
  readonly dispatcher: Dispatcher;
  readonly calls: Call[] = [];

  constructor(options: PoolOptions = {}, fake: FakeOptions = {}) {
    this.kind = new FakeKind(this.world, fake);
    this.dispatcher = new Dispatcher(this.kind, resolvePoolOptions({ maxWorkers: 1, startTimeoutMs: Infinity, ...options }), this.world);
  }

  get workers(): FakeWorker[] {
    return this.kind.workers;
  }

  /** Submits a call. @param profile its function; by default an unmeasured one */
  submit(options: CallOptions = {}, profile = functionOf(), args: unknown[] = []): Call {
    const call = this.#make(options, args);
    this.dispatcher.submit(call, profile);
    return call;
  }

  /** Submits this number of calls of one function. */
  submitMany(count: number, profile: FunctionProfile, options: CallOptions = {}): Call[] {
    return Array.from({ length: count }, () => this.submit(options, profile));
  }

  broadcast(options: CallOptions = {}, profile = functionOf()): Call[] {
    return this.dispatcher.submitToEach(profile, () => this.#make(options, []));
  }

  #make(options: CallOptions, args: unknown[]): Call {
    const call = new Call(() => {}, args, resolveCallOptions(options), this.dispatcher, this.submit);
    call.future.catch(() => {});
    this.calls.push(call);
    return call;
  }
}

/** A function with this measured run time; without a number, an unmeasured function. */
export function functionOf(ms?: number): FunctionProfile {
  const profile = new FunctionProfile("work", { kind: "reference", module: "file:///work.js", export: "work", loader: "import", name: "work" });
  if (ms !== undefined) profile.ran(ms);
  return profile;
}

/** The phases of some calls. */
export const phases = (calls: Iterable<Call>): string[] => Array.from(calls, (call) => call.phase);

/** The states of the futures of some calls. */
export const states = (calls: Iterable<Call>): string[] => Array.from(calls, (call) => call.future.state);
