import { threadId } from "node:worker_threads";

export function square(n: number): { square: number; threadId: number } {
  return { square: n * n, threadId };
}
