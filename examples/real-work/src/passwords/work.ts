// A log-in: the password is hashed by bcrypt, compared, and answered with a signed token.
import { generateKeyPairSync } from "node:crypto";
import { createRequire } from "node:module";
import bcrypt from "bcryptjs";
import jwt from "jsonwebtoken";

const words = createRequire(import.meta.url)("an-array-of-english-words") as readonly string[];
/** Of this thread. A service would load its key. */
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });

/** @returns the user that the token names, after the token was verified */
export function logIn(n: number): string {
  const password = words[(n * 7_919) % words.length]!;
  const hash = bcrypt.hashSync(password, 9);
  if (!bcrypt.compareSync(password, hash)) throw new Error("The password does not match its hash.");
  const token = jwt.sign({ sub: password }, privateKey, { algorithm: "RS256", expiresIn: "1h" });
  return String(jwt.verify(token, publicKey, { algorithms: ["RS256"] }).sub);
}
