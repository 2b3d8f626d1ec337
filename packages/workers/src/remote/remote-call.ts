// What the call of a remote method returns: a promise, and where the method gives an iterator or a
// stream, something to loop over at once.

export class RemoteCall<T> extends Promise<T> {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  static from<T>(promise: Promise<T>): RemoteCall<T> {
    return new RemoteCall((resolve, reject) => void promise.then(resolve, reject));
  }

  /** Nothing is produced before it is asked for; leaving the loop ends the iterator over there. */
  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, unknown> {
    return yield* (await this) as AsyncIterable<unknown>;
  }
}
