// giveBack: the method by which race() returns the result of an awaitable that lost, such as an item of a queue.

/** A method of futures whose result belongs to a primitive. It gives the result back. */
export const giveBack: unique symbol = Symbol("offloop.giveBack");
