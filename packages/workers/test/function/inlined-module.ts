// A module that the test runner evaluates itself: Node's import() cannot load it.
const two = 2;
export const double = (x: number): number => x * two;
export class Ticket {
  readonly id = 1;
  print(): string {
    return `ticket ${this.id}`;
  }
}
