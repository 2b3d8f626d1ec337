// RemoteCall: the promise that a call of a remote method returns. If the method returns an iterator or a stream, the
// promise can also be iterated at once.

export class RemoteCall<T> extends Promise<T> {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  static from<T>(promise: Promise<T>): RemoteCall<T> {
    return new RemoteCall((resolve, reject) => void promise.then(resolve, reject));
  }

  /** Produces no value before it is requested. Leaving the loop ends the iterator on the other side. */
  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, unknown> {
    return yield* (await this) as AsyncIterable<unknown>;
  }
}
