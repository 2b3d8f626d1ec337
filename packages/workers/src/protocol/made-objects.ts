// Objects of the platform whose public properties describe them completely. They are sent as a class name and
// arguments, and the receiver constructs them again.
import type { KeyObject } from "node:crypto";
import { types } from "node:util";
import type { Destination } from "./object-kinds.js";

/** The class and arguments from which the receiver constructs the object. */
export interface MadeObject {
  readonly name: string;
  readonly args: readonly unknown[];
}

const makers: Readonly<Record<string, (...args: any[]) => object>> = {
  URL: (href: string) => new URL(href),
  URLSearchParams: (text: string) => new URLSearchParams(text),
  Headers: (entries: [string, string][]) => new Headers(entries),
  TextEncoder: () => new TextEncoder(),
  TextDecoder: (encoding: string, options: object) => new TextDecoder(encoding, options),
  File: (parts: Blob[], name: string, options: object) => new (fileClass())(parts, name, options),
  secret: (key: Uint8Array) => crypto().createSecretKey(key),
  public: (key: Buffer) => crypto().createPublicKey({ key, format: "der", type: "spki" }),
  private: (key: Buffer) => crypto().createPrivateKey({ key, format: "der", type: "pkcs8" }),
};

const crypto = (): typeof import("node:crypto") => process.getBuiltinModule("node:crypto");

/** A global since Node 20. */
const fileClass = (): new (parts: Blob[], name: string, options: object) => Blob => (globalThis as unknown as { File: new (parts: Blob[], name: string, options: object) => Blob }).File;

/** The class and arguments of a value of kind `made` or `key`; `undefined`: it cannot be constructed again. */
export function takeApart(value: object, to: Destination): MadeObject | undefined {
  try {
    if (types.isKeyObject(value)) return keyParts(value as unknown as KeyObject);
    if (value instanceof URL) return { name: "URL", args: [value.href] };
    if (value instanceof URLSearchParams) return { name: "URLSearchParams", args: [value.toString()] };
    if (value instanceof TextEncoder) return { name: "TextEncoder", args: [] };
    if (value instanceof TextDecoder) return { name: "TextDecoder", args: [value.encoding, { fatal: value.fatal, ignoreBOM: value.ignoreBOM }] };
    if (value instanceof Blob) {
      const { name, type, lastModified } = value as Blob & { name: string; lastModified: number };
      return to === "thread" ? { name: "File", args: [[value.slice()], name, { type, lastModified }] } : undefined;
    }
    return { name: "Headers", args: [[...(value as Headers)]] };
  } catch {
    return undefined; // it has the prototype, but not the internal content
  }
}

function keyParts(key: KeyObject): MadeObject {
  const { type } = key;
  return { name: type, args: [type === "secret" ? key.export() : key.export({ format: "der", type: type === "public" ? "spki" : "pkcs8" })] };
}

/** Creates the object on the receiving side. */
export function makeAgain({ name, args }: MadeObject): object {
  return makers[name]!(...args);
}
