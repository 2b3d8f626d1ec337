// giveBack: how a race returns what a loser was given, such as an item of a queue.

/** A method of futures whose result belongs to something: the result goes back there. */
export const giveBack: unique symbol = Symbol("offloop.giveBack");
