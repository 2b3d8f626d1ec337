// The names of what a transport keeps in NATS. Each part of a subject is a token: percent signs stand for what a token may not
// contain.
//
//   stream <prefix>-calls     <prefix>.call.<queue>.<priority>.<caller>.<key>.<parts>.<name>   the waiting calls
//   stream <prefix>-inbox     <prefix>.in.<peer>.…                                             what peers have not read, see inbox.ts
//   stream <prefix>-parts     <prefix>.part.<key>.<index>                                      the bytes of large calls
//   stream <prefix>-hosts     <prefix>.host.<id>.<queue>                                       what others see of a host; it ends with its lease
//   stream <prefix>-callers   <prefix>.caller.<id>                                             the leases of callers

/** The longest name of a function in a subject. */
const MOST_NAME = 64;

/** A part of a subject. */
const token = (text: string): string => text.replace(/[^\w@$+~-]/gu, (each) => [...new TextEncoder().encode(each)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""));

/** The text of a part of a subject. */
const textOf = (part: string): string => decodeURIComponent(part);

/** The place of the queue, of a host that serves none yet. */
const NO_QUEUE = "-";

/** The streams and subjects below one prefix. */
export class Names {
  readonly #prefix: string;
  readonly calls: string;
  readonly inboxes: string;
  readonly parts: string;
  readonly hosts: string;
  readonly callers: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
    [this.calls, this.inboxes, this.parts, this.hosts, this.callers] = ["calls", "inbox", "parts", "hosts", "callers"].map((kind) => `${prefix}-${kind}`) as [string, string, string, string, string];
  }

  /** Everything in one stream. */
  all(kind: "call" | "in" | "part" | "host" | "caller"): string {
    return `${this.#prefix}.${kind}.>`;
  }

  call(queue: string, priority: number, caller: string, key: string, parts: number, name: string): string {
    return `${this.#prefix}.call.${token(queue)}.${priority}.${token(caller)}.${token(key)}.${parts}.${token(name.slice(0, MOST_NAME)) || "-"}`;
  }

  /** The calls of one priority. */
  level(queue: string, priority: number): string {
    return `${this.#prefix}.call.${token(queue)}.${priority}.>`;
  }

  callsOf(caller: string): string {
    return `${this.#prefix}.call.*.*.${token(caller)}.>`;
  }

  /** What is in the subject of a call. */
  readCall(subject: string): { readonly caller: string; readonly key: string; readonly parts: number } {
    const [, , caller, key, parts] = subject.slice(this.#prefix.length + 1).split(".").slice(1) as [string, string, string, string, string];
    return { caller: textOf(caller), key: textOf(key), parts: Number(parts) };
  }

  /** The subject on which callers tell of a new priority. */
  newLevel(queue: string): string {
    return `${this.#prefix}.level.${token(queue)}`;
  }

  inbox(peer: string, ...kind: readonly (string | number)[]): string {
    return [this.#prefix, "in", token(peer), ...kind.map((each) => token(String(each)))].join(".");
  }

  /** What follows the peer in a subject of an inbox. */
  readInbox(subject: string): string[] {
    return subject.slice(this.#prefix.length + 1).split(".").slice(2).map(textOf);
  }

  part(key: string, index: number | "*"): string {
    return `${this.#prefix}.part.${token(key)}.${index}`;
  }

  host(id: string | "*", queue: string | "*" | undefined): string {
    return `${this.#prefix}.host.${id === "*" ? id : token(id)}.${queue === "*" ? queue : queue === undefined ? NO_QUEUE : token(queue)}`;
  }

  /** The id in a subject of a host. */
  readHost(subject: string): string {
    return textOf(subject.slice(this.#prefix.length + 1).split(".")[1]!);
  }

  caller(id: string): string {
    return `${this.#prefix}.caller.${token(id)}`;
  }
}

/** Where a message stands in its stream, and in its consumer: `$JS.ACK.<stream>.<consumer>.<times>.<sequence>.<delivered>.…`. */
export function placeOf(reply: string | undefined): { readonly sequence: number; readonly delivered: number } | undefined {
  if (!reply?.startsWith("$JS.ACK.")) return undefined;
  const parts = reply.split(".");
  const first = parts.length === 9 ? 5 : 7; // NATS may put a domain and an account before the stream
  return { sequence: Number(parts[first]), delivered: Number(parts[first + 1]) };
}
