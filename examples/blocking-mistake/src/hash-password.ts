// A function that takes its time and never yields: what most blocking mistakes look like from outside.
import { pbkdf2Sync } from "node:crypto";

/** The iterations that OWASP asks for with SHA-256. */
const iterations = 600_000;

export function hashPassword(password: string, salt: string): string {
  return pbkdf2Sync(password, salt, iterations, 32, "sha256").toString("hex");
}
