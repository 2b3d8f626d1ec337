// Short calls and answers of one turn, in one message: a list of rows, since a message for each would cost more than the call.
// A value in a row is a primitive. It cannot change before it is sent, and it can be cloned.
//
//   MEMBER   endpoint, number, name, path         the next number of a member that is called by number
//   CALLS    endpoint, member, n, count           then `count` times: id, n arguments
//   ANSWERS  count                                then `count` times: id, value
const MEMBER = 0;
const CALLS = 1;
const ANSWERS = 2;

const MEMBER_HEAD = 5;
const CALLS_HEAD = 5;
const ANSWERS_HEAD = 2;

/** The longest string of a row, in characters. A guess. */
const LONGEST_STRING = 1_000;

/** The number of values after which a list is full: it is sent, so that both sides work at once. */
const MOST_VALUES = 128;

/** Whether a value can stand in a row. */
export function isShort(value: unknown): boolean {
  switch (typeof value) {
    case "number":
    case "boolean":
    case "undefined":
      return true;
    case "string":
      return value.length <= LONGEST_STRING;
    default:
      return value === null;
  }
}

/** Receives the rows of a message. */
export interface RowReader {
  member(endpoint: number, number: number, name: string, path: readonly string[]): void;
  call(endpoint: number, member: number, id: number, args: unknown[]): void;
  answer(id: number, value: unknown): void;
}

/** Collects rows. A call or an answer that fits the last row becomes a part of it. */
export class Rows {
  #list: unknown[] = [];
  /** The last row: its position, or -1, and what must be equal. */
  #row = -1;
  #kind = MEMBER;
  #endpoint = 0;
  #member = 0;
  #args = 0;

  get empty(): boolean {
    return this.#list.length === 0;
  }

  get full(): boolean {
    return this.#list.length >= MOST_VALUES;
  }

  member(endpoint: number, number: number, name: string, path: readonly string[]): void {
    this.#row = -1;
    this.#list.push(MEMBER, endpoint, number, name, path);
  }

  call(endpoint: number, member: number, id: number, args: readonly unknown[]): void {
    const list = this.#list;
    if (this.#row === -1 || this.#kind !== CALLS || endpoint !== this.#endpoint || member !== this.#member || args.length !== this.#args) {
      this.#begin(CALLS);
      this.#endpoint = endpoint;
      this.#member = member;
      this.#args = args.length;
      list.push(CALLS, endpoint, member, args.length, 0);
    }
    (list as number[])[this.#row + CALLS_HEAD - 1]! += 1;
    list.push(id);
    for (let index = 0; index < args.length; index += 1) list.push(args[index]);
  }

  answer(id: number, value: unknown): void {
    const list = this.#list;
    if (this.#row === -1 || this.#kind !== ANSWERS) {
      this.#begin(ANSWERS);
      list.push(ANSWERS, 0);
    }
    (list as number[])[this.#row + ANSWERS_HEAD - 1]! += 1;
    list.push(id, value);
  }

  /** The rows so far. The next one begins a new list. */
  take(): unknown[] {
    const list = this.#list;
    this.#list = [];
    this.#row = -1;
    return list;
  }

  #begin(kind: number): void {
    this.#row = this.#list.length;
    this.#kind = kind;
  }
}

/** Hands the rows of a message to `reader`, in order. @returns `false`: they are no rows, or are cut off */
export function readRows(list: unknown, reader: RowReader): boolean {
  if (!Array.isArray(list)) return false;
  const numbers = list as number[];
  let at = 0;
  while (at < list.length) {
    const row = at;
    switch (list[row]) {
      case MEMBER: {
        const [endpoint, number, name, path] = list.slice(row + 1, row + MEMBER_HEAD) as [number, number, unknown, unknown];
        if (typeof name !== "string" || !isPath(path)) return false;
        reader.member(endpoint, number, name, path);
        at = row + MEMBER_HEAD;
        break;
      }
      case CALLS: {
        const length = numbers[row + 3]!;
        const count = numbers[row + 4]!;
        at = row + CALLS_HEAD;
        if (!fits(count, length + 1, list.length - at)) return false;
        for (let left = count; left > 0; left -= 1, at += length + 1) reader.call(numbers[row + 1]!, numbers[row + 2]!, numbers[at]!, length === 0 ? [] : list.slice(at + 1, at + 1 + length));
        break;
      }
      case ANSWERS: {
        const count = numbers[row + 1]!;
        at = row + ANSWERS_HEAD;
        if (!fits(count, 2, list.length - at)) return false;
        for (let left = count; left > 0; left -= 1, at += 2) reader.answer(numbers[at]!, list[at + 1]);
        break;
      }
      default:
        return false;
    }
  }
  return true;
}

/** Whether a value of a message is the path of a member. */
export function isPath(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((key) => typeof key === "string");
}

function fits(count: number, stride: number, room: number): boolean {
  return Number.isInteger(count) && Number.isInteger(stride) && count > 0 && stride > 0 && count * stride <= room;
}
