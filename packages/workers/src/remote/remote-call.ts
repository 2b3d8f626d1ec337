// RemoteCall: the promise that a call of a remote method returns. If the method returns an iterator or a stream, the
// promise can also be iterated at once. A task that made the call can be cancelled where it awaits it.
import { awaitDirectly, callBehind, type CallFuture, callOf, settled } from "../executor/call-future.js";
import { mainHost } from "../executor/main-host.js";

export class RemoteCall<T> extends Promise<T> {
  /** The call, if a task made it. */
  declare readonly [callBehind]?: CallFuture<T>;

  static {
    awaitDirectly(this);
  }

  // Without it, V8 passes the argument on as a list.
  // oxlint-disable-next-line no-useless-constructor
  constructor(executor: (resolve: (value: T) => void, reject: (error: unknown) => void) => void) {
    super(executor);
  }

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  static from<T>(promise: Promise<T>): RemoteCall<T> {
    return new RemoteCall((resolve, reject) => void promise.then(resolve, reject));
  }

  /** For a call that a task made. */
  static ofTask<T>(call: CallFuture<T>): RemoteCall<T> {
    return Object.defineProperty(RemoteCall.from(settled(call)), callBehind, { value: call });
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise, and overrides a promise's own
  override then<A = T, B = never>(onFulfilled?: ((value: T) => A | PromiseLike<A>) | null, onRejected?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    const call = mainHost().inTask() ? callOf(this) : undefined;
    const followed = call && mainHost().follow(call as CallFuture<T>);
    return followed === undefined ? super.then(onFulfilled, onRejected) : followed.then(onFulfilled, onRejected);
  }

  /** Produces no value before it is requested. Leaving the loop ends the iterator on the other side. */
  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, unknown> {
    return yield* (await this) as AsyncIterable<unknown>;
  }
}

const forgotten = (): void => {};
let resolveOfLast: (value: unknown) => void = forgotten;
let rejectOfLast: (error: unknown) => void = forgotten;
const keepFunctions = (resolve: (value: unknown) => void, reject: (error: unknown) => void): void => {
  resolveOfLast = resolve;
  rejectOfLast = reject;
};

/** A base class for records of calls: a pending promise, and the means to settle it. */
export class RemoteSettler {
  readonly promise: RemoteCall<unknown>;
  protected readonly fulfil: (value: unknown) => void;
  protected readonly fail: (error: unknown) => void;

  constructor() {
    this.promise = new RemoteCall(keepFunctions);
    this.fulfil = resolveOfLast;
    this.fail = rejectOfLast;
    resolveOfLast = rejectOfLast = forgotten; // otherwise they would keep the promise and its value alive
  }
}
