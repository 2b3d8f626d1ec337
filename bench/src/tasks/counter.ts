// The object of the suite of actors: a count, and a method that returns it.
export class Counter {
  #count = 0;

  add(amount: number): number {
    return (this.#count += amount);
  }
}
