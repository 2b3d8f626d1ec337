// A module that the test runner evaluates itself: no import() of Node finds it.
const two = 2;
export const double = (x: number): number => x * two;
export class Ticket {
  readonly id = 1;
  print(): string {
    return `ticket ${this.id}`;
  }
}
