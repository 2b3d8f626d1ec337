// The server for the example: some files arrive quickly, one never ends, one breaks off, one is missing.
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as elapse } from "node:timers/promises";

const chunkBytes = 16 * 1024;

/** The bytes of a file. They depend on its name only. */
export function contentOf(name: string): Buffer {
  const bytes = Buffer.alloc(chunkBytes * (8 + (name.length * 7) % 24));
  for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 31 + name.charCodeAt(at % name.length)) & 0xff;
  return bytes;
}

/** Serves `/quick/<name>`, `/slow/<name>` (never done) and `/broken/<name>` (breaks off half-way). */
export async function startFilesServer(): Promise<AsyncDisposable & { readonly address: string }> {
  const server = createServer(async (request, response) => {
    const [, kind, name = ""] = (request.url ?? "").split("/");
    if (kind !== "quick" && kind !== "slow" && kind !== "broken") return response.writeHead(404).end();
    const content = contentOf(name);
    response.writeHead(200, { "content-length": content.length });
    for (let at = 0; at < content.length && !response.destroyed; at += chunkBytes) {
      if (kind === "broken" && at >= content.length / 2) return response.destroy();
      response.write(content.subarray(at, at + chunkBytes));
      if (kind === "slow") return;
      await elapse(10);
    }
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
