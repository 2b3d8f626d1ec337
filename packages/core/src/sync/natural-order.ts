// The natural order of items: numbers, strings, dates, and arrays of them. Arrays are compared from the front, as
// Python compares tuples.
import { types } from "node:util";
import { InvalidArgumentError } from "../errors.js";

/**
 * @returns below 0 if `a` comes first, above 0 if `b` comes first, 0 if they are equal
 * @throws TypeError the items have no natural order
 */
export function naturalOrder(a: unknown, b: unknown): number {
  if (Array.isArray(a) && Array.isArray(b)) return arrayOrder(a, b);
  const left = checkOrderable(a);
  const right = checkOrderable(b);
  const comparable = typeof left === typeof right || (isNumeric(left) && isNumeric(right));
  if (!comparable) throw new InvalidArgumentError(`A PriorityQueue cannot order a ${typeof left} and a ${typeof right}. ${HINT}`);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** @returns the value by which the item is compared. @throws TypeError the item has no natural order */
export function checkOrderable(item: unknown): number | bigint | string | boolean | readonly unknown[] {
  if (Array.isArray(item)) {
    if (item.length > 0) checkOrderable(item[0]);
    return item;
  }
  const value: unknown = types.isDate(item) ? item.getTime() : item;
  const fits = typeof value === "string" || typeof value === "bigint" || typeof value === "boolean" || (typeof value === "number" && !Number.isNaN(value));
  if (!fits) throw new InvalidArgumentError(`A PriorityQueue cannot order ${Object.prototype.toString.call(item)}. ${HINT}`);
  return value as number | bigint | string | boolean;
}

const HINT = "Put numbers, strings, dates or arrays such as [priority, sequence, data], or give { compare: (a, b) => number }.";

function arrayOrder(a: readonly unknown[], b: readonly unknown[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    if (Object.is(a[at], b[at])) continue;
    const order = naturalOrder(a[at], b[at]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function isNumeric(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}
