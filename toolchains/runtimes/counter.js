// The class of an actor.
export class Counter {
  count = 0;
  add(by) {
    return (this.count += by);
  }
}
