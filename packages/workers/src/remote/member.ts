// A member of a remote object, by its path. Its calls share the record, so a call makes neither a path nor a name.
import { type CallerStack, framesOf, recordCaller } from "../executor/caller-stack.js";

export class Member {
  /** The property path from the object. */
  readonly path: readonly string[];
  #object = "";
  #name = "";
  #pending = 0;
  /** The stack of a call before, while calls are pending: a stack keeps the objects of its frames alive. */
  #caller: CallerStack | undefined;

  constructor(...path: string[]) {
    this.path = path;
  }

  /** Its name in errors and events. @param object the name of the object */
  nameIn(object: string): string {
    if (object !== this.#object) {
      this.#object = object;
      this.#name = [object, ...this.path].join(".");
    }
    return this.#name;
  }

  /** A call is being made. @param above the function whose callers its stack shows @returns the stack; `undefined`: none was recorded in this burst of calls */
  began(above: (...args: never[]) => unknown): CallerStack | undefined {
    const caller = recordCaller(above);
    this.#pending += 1;
    if (caller !== undefined) this.#caller = caller;
    return caller;
  }

  /** The call has its answer. */
  ended(): void {
    this.#pending -= 1;
    if (this.#pending === 0) this.#caller = undefined;
  }

  /** The stack lines of a call's caller, or, in a burst of calls, of another one, which they then say. */
  framesOf(caller: CallerStack | undefined, name: string): string | undefined {
    if (caller !== undefined) return framesOf(caller);
    const frames = this.#caller && framesOf(this.#caller);
    return frames && `    (no stack was recorded in this burst of calls; another call of ${name} came from)\n${frames}`;
  }
}
