// The options that callers and hosts share: type, defaults and check.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { invalidOption, nameText, type OptionTable, type OptionType } from "@offloop/workers/executor";
import { FORMAT } from "../messages/messages.js";
import type { Transport } from "../transport/transport.js";

/** What a caller and its hosts must have in common. */
export interface SharedOptions {
  /**
   * The folder of the program's modules, as a `file:` URL that ends with a slash: `new URL("./", import.meta.url)`.
   * Functions cross as a path relative to it, so it may be at another place on each host. Modules outside it are refused.
   */
  root: URL | string;
  /**
   * The version of the code. Calls of one version run on hosts of the same version only.
   * @default the `version` in the nearest package.json at or above `root`; without one `"0"`
   */
  version?: string | undefined;
  /**
   * The name of the queue. Programs that share an engine take different names.
   * @default "offloop"
   */
  queue?: string | undefined;
  /**
   * A secret that callers and hosts share. Each message is then signed (HMAC-SHA-256), and checked before it is decoded.
   * @default undefined: messages are not signed. Whoever can write to the engine can call the functions that hosts list
   */
  secret?: string | Uint8Array | undefined;
}

/** Options of callers and hosts. */
export interface RemoteOptions extends SharedOptions {
  /** The engine between callers and hosts. It is not closed by an executor or host that ends. */
  transport: Transport;
}

/** Remote options with every default filled in. */
export interface ResolvedRemoteOptions {
  readonly transport: Transport;
  readonly root: string;
  readonly secret: string | Uint8Array | undefined;
  /** The queue of this version. */
  readonly queue: string;
}

const folder: OptionType = {
  takes: 'the URL of a folder, which ends with a slash: new URL("./", import.meta.url)',
  accepts: (value) => (value instanceof URL || (typeof value === "string" && URL.canParse(value))) && new URL(value).protocol === "file:" && String(value).endsWith("/"),
};

/** The types of the options. */
export const remoteOptionTypes: OptionTable<RemoteOptions> = {
  transport: { takes: "a transport: new MemoryTransport(), or one of @offloop/bullmq or @offloop/nats", accepts: (value) => typeof (value as Transport | null)?.join === "function" },
  root: folder,
  version: nameText,
  queue: nameText,
  secret: { takes: "a string or bytes, at least 16 of them", accepts: (value) => (typeof value === "string" || value instanceof Uint8Array) && value.length >= 16 },
};

/** @param of the function that took the options. @param given checked options @throws InvalidOptionError a required option is missing */
export function resolveRemoteOptions(of: string, { transport, root, version, queue = "offloop", secret }: Partial<RemoteOptions>): ResolvedRemoteOptions {
  if (transport === undefined) throw invalidOption(of, "transport", transport, remoteOptionTypes.transport.takes);
  if (root === undefined) throw invalidOption(of, "root", root, folder.takes);
  const { href } = new URL(root);
  return { transport, root: href, secret, queue: `${queue}@${version ?? versionAbove(href)}/${FORMAT}` };
}

/** The version in the nearest package.json. */
function versionAbove(root: string): string {
  for (let at = new URL(root); ; at = new URL("../", at)) {
    const file = fileURLToPath(new URL("package.json", at));
    const version = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { version?: unknown }).version : undefined;
    if (typeof version === "string") return version;
    if (new URL("../", at).href === at.href) return "0";
  }
}
