// The kind of an object that is sent to another thread or process. Structured clone turns some objects of the
// platform into `{}` without an error. This file recognises them by their prototypes. Each prototype is examined once.
import { types } from "node:util";
import { boundClause } from "../executor/bound-to-thread.js";

/** The receiver of a value. */
export type Destination = "thread" | "process";

/** How an object is sent. */
export type ObjectKind =
  /** A plain object, or an instance of a class: its own enumerable properties are copied. */
  | "record"
  | "map"
  | "set"
  /** Structured clone copies it as it is, or refuses it. */
  | "leaf"
  /** A Buffer, which structured clone turns into a Uint8Array. */
  | "buffer"
  /** Structured clone drops most of it. */
  | "error"
  /** The receiver constructs it again from its public properties: made-objects.ts. */
  | "made"
  /** Threads share it. Another process constructs it again. */
  | "key"
  /** Threads copy, share or move it. It cannot be sent to another process. */
  | "thread-only"
  /** It would arrive without its content. */
  | "refused";

/** The platform's classes by name: the kind of their instances, and the module that exports the class if it is no global. */
const platform: Readonly<Record<string, readonly [kind: ObjectKind, module?: string]>> = {
  URL: ["made"],
  URLSearchParams: ["made"],
  Headers: ["made"],
  TextEncoder: ["made"],
  TextDecoder: ["made"],
  File: ["made"],
  KeyObject: ["key", "node:crypto"],
  Blob: ["thread-only"],
  MessagePort: ["thread-only"],
  ReadableStream: ["thread-only"],
  WritableStream: ["thread-only"],
  TransformStream: ["thread-only"],
  CryptoKey: ["thread-only"],
  BlockList: ["thread-only", "node:net"],
  SocketAddress: ["thread-only", "node:net"],
  X509Certificate: ["thread-only", "node:crypto"],
  SharedArrayBuffer: ["thread-only"],
  ...Object.fromEntries(
    [
      ...["FormData", "Request", "Response", "AbortSignal", "AbortController", "Event", "WebSocket", "EventSource", "BroadcastChannel", "MessageChannel", "URLPattern", "CompressionStream", "DecompressionStream"],
      ...["TextEncoderStream", "TextDecoderStream", "Performance", "PerformanceEntry", "PerformanceObserver", "Crypto", "SubtleCrypto", "Storage", "Navigator", "DisposableStack", "AsyncDisposableStack"],
    ].map((name) => [name, ["refused"] as const]),
  ),
  ...Object.fromEntries(["Hash", "Hmac", "Sign", "Verify", "Cipheriv", "Decipheriv", "DiffieHellman", "DiffieHellmanGroup", "ECDH"].map((name) => [name, ["refused", "node:crypto"] as const])),
  MIMEType: ["refused", "node:util"],
  MIMEParams: ["refused", "node:util"],
};

const wasm = (globalThis as unknown as { WebAssembly?: { Module: { prototype: object } } }).WebAssembly;

/** Namespaces: they would arrive as empty objects too. */
const namespaces = new Set<unknown>([Math, JSON, Reflect, Atomics, Intl, wasm]);

/** Whether an object without properties of its own is one of the language's namespaces. */
export function isNamespace(value: object): boolean {
  return namespaces.has(value);
}

const kinds = new WeakMap<object, ObjectKind>();

/** The kind of an object that is no array. Only its prototype decides: no property of the object is read. */
export function kindOf(value: object): ObjectKind {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return "record";
  let kind = kinds.get(prototype);
  if (kind === undefined) kinds.set(prototype, (kind = find(value, prototype)));
  return kind;
}

function find(value: object, prototype: object): ObjectKind {
  if (types.isProxy(value)) return "leaf"; // structured clone refuses it
  if (types.isNativeError(value)) return "error";
  if (Buffer.isBuffer(value)) return "buffer";
  if (ArrayBuffer.isView(value)) return "leaf";
  if (types.isMap(value)) return "map";
  if (types.isSet(value)) return "set";
  if (types.isSharedArrayBuffer(value)) return "thread-only";
  if (types.isDate(value) || types.isRegExp(value) || types.isArrayBuffer(value) || types.isBoxedPrimitive(value)) return "leaf";
  if (boundClause(value) !== undefined) return "refused";
  // An instance of a program's class that extends EventTarget has properties of its own.
  if (prototype === EventTarget.prototype) return "refused";
  for (let each: object | null = prototype; each !== null && each !== Object.prototype; each = Object.getPrototypeOf(each) as object | null) {
    if (each === Error.prototype) return "error";
    const name = nameOfClass(each);
    if (name === "Module" && each === wasm?.Module.prototype) return "thread-only";
    if (name === undefined || !Object.hasOwn(platform, name)) continue;
    const [kind, module] = platform[name]!;
    const home = (module === undefined ? globalThis : process.getBuiltinModule(module)) as Record<string, { prototype?: unknown } | undefined>;
    if (home[name]?.prototype === each) return kind;
  }
  return "record";
}

/** The name of the class whose prototype this is. No getter runs. */
function nameOfClass(prototype: object): string | undefined {
  const made: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  const name: unknown = typeof made === "function" ? Object.getOwnPropertyDescriptor(made, "name")?.value : undefined;
  return typeof name === "string" ? name : undefined;
}

/** `Socket`, for messages. Never throws. */
export function className(value: object): string | undefined {
  try {
    if (types.isProxy(value)) return "Proxy";
    for (let each: object | null = value; each !== null; each = Object.getPrototypeOf(each) as object | null) {
      const name = nameOfClass(each);
      if (name !== undefined && name !== "") return name;
    }
  } catch {
    // A prototype is a proxy that throws, so the object has no name.
  }
  return undefined;
}
