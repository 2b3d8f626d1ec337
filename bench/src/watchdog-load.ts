// Sends a fixed number of requests over a few connections that stay open. The bench compares the server's
// CPU time for all of them, so the rate does not matter.
import { Agent, get } from "node:http";

const requests = 3_000;
const connections = 8;

/** Resolves when the server has answered all requests. */
export async function load(port: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let left = requests;
  const lane = async () => {
    while (left-- > 0) {
      await new Promise<void>((resolve, reject) => {
        get({ port, host: "127.0.0.1", agent }, (response) => response.resume().once("end", resolve)).once("error", reject);
      });
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  agent.destroy();
}
