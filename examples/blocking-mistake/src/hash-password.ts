// A synchronous function that runs for long. Most blocking mistakes look like a call of such a function.
import { pbkdf2Sync } from "node:crypto";

/** The number of iterations that OWASP recommends for SHA-256. */
const iterations = 600_000;

export function hashPassword(password: string, salt: string): string {
  return pbkdf2Sync(password, salt, iterations, 32, "sha256").toString("hex");
}
