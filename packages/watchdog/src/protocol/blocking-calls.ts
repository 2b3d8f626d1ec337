// The calls that block the thread until they are done, and what to call in their place. Read by both
// sides: a call crosses as its index in this list.

/** A function of Node's, or of the language, that blocks. */
export interface BlockingCall {
  /** As it is written: `fs.readFileSync`. */
  readonly name: string;
  /** What to do in its place. */
  readonly instead: string;
  /** Only marked with `breadcrumbs: "full"`: calls that are short and frequent in most programs. */
  readonly frequent: boolean;
  /** Whether its first argument may be shown: a path may, a password or a document may not. */
  readonly telling: boolean;
}

const crypto = ["pbkdf2", "scrypt", "generateKeyPair", "generateKey", "generatePrime", "checkPrime", "hkdf", "randomFill"];
const childProcess = ["exec", "execFile", "spawn"];
const zlib = ["gzip", "gunzip", "deflate", "inflate", "deflateRaw", "inflateRaw", "unzip", "brotliCompress", "brotliDecompress", "zstdCompress", "zstdDecompress"];

let all: readonly BlockingCall[] | undefined;

/** In a fixed order: the fs calls are those that this Node has. Listed when it is first asked for, as it takes a millisecond. */
export function blockingCalls(): readonly BlockingCall[] {
  return (all ??= list());
}

const list = (): BlockingCall[] => [
  ...fsCalls(),
  ...crypto.map((name) => builtin("crypto", name, `crypto.${name}, with a callback or promisified: it runs on libuv's threads`)),
  ...childProcess.map((name) => builtin("child_process", name, `child_process.${name}, with a callback or promisified`)),
  ...zlib.map((name) => builtin("zlib", name, `zlib.${name}, with a callback or promisified, or a stream: it runs on libuv's threads`)),
  { name: "Atomics.wait", instead: "Atomics.waitAsync, or a message", frequent: false, telling: false },
  { name: "JSON.parse", instead: "a streaming parser, or toThread(…) on the text: what is parsed has to be copied back, so return only what is needed", frequent: true, telling: false },
  { name: "JSON.stringify", instead: "a streaming serialiser, or smaller pieces: to hand the object to a thread would copy it, which takes about as long", frequent: true, telling: false },
  { name: "structuredClone", instead: "smaller pieces, or a transfer of its buffers", frequent: true, telling: false },
];

function builtin(module: string, name: string, instead: string): BlockingCall {
  return { name: `${module}.${name}Sync`, instead, frequent: false, telling: module === "fs" };
}

function fsCalls(): BlockingCall[] {
  const fs = process.getBuiltinModule("node:fs") as unknown as Record<string, unknown>;
  return Object.keys(fs)
    .filter((name) => name.endsWith("Sync") && typeof fs[name] === "function")
    .toSorted()
    .map((name) => {
      const twin = name.slice(0, -"Sync".length);
      return builtin("fs", twin, twin === "exists" ? "await fs.promises.access(…)" : `await fs.promises.${twin}(…)`);
    });
}
