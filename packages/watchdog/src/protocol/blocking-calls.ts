// The functions that block the thread until they are done, and what to call instead. Both sides read this
// list: a call crosses as its index.

/** A function of Node or of the language that blocks. */
export interface BlockingCall {
  /** The name, with its module or object: `fs.readFileSync`. */
  readonly name: string;
  /** What to call instead. */
  readonly instead: string;
  /** Whether its calls are short and frequent in most programs. They are marked only with `breadcrumbs: "full"`. */
  readonly frequent: boolean;
  /** Whether reports may show its first argument. A path may be shown; a password or a document may not. */
  readonly telling: boolean;
}

const crypto = ["pbkdf2", "scrypt", "generateKeyPair", "generateKey", "generatePrime", "checkPrime", "hkdf", "randomFill"];
const childProcess = ["exec", "execFile", "spawn"];
const zlib = ["gzip", "gunzip", "deflate", "inflate", "deflateRaw", "inflateRaw", "unzip", "brotliCompress", "brotliDecompress", "zstdCompress", "zstdDecompress"];

let all: readonly BlockingCall[] | undefined;

/** The list, in a fixed order, with the fs functions of this Node. It is built at the first call, because that takes a millisecond. */
export function blockingCalls(): readonly BlockingCall[] {
  return (all ??= list());
}

const list = (): BlockingCall[] => [
  ...fsCalls(),
  ...crypto.map((name) => builtin("crypto", name, `crypto.${name} with a callback, or promisified: it runs on libuv's threads`)),
  ...childProcess.map((name) => builtin("child_process", name, `child_process.${name} with a callback, or promisified`)),
  ...zlib.map((name) => builtin("zlib", name, `zlib.${name} with a callback or as a stream: it runs on libuv's threads`)),
  { name: "Atomics.wait", instead: "Atomics.waitAsync, or a message", frequent: false, telling: false },
  { name: "JSON.parse", instead: "a streaming parser, or parse the text in toThread(…) and return only the parts that you need, because the result is copied back", frequent: true, telling: false },
  { name: "JSON.stringify", instead: "a streaming serialiser, or smaller pieces; a worker thread does not help, because copying the object to it takes about as long", frequent: true, telling: false },
  { name: "structuredClone", instead: "smaller pieces, or transfer the buffers", frequent: true, telling: false },
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
