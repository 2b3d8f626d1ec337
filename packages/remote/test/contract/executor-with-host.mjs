// For the contract suite: executors, each with a host of its own in the process of host-requests.mjs.
import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { resolvePoolOptions } from "@offloop/workers/pool";
import { RemoteExecutor } from "@offloop/remote";
import { root } from "./served.mjs";

/** The options that the contract calls capabilities. A caller refuses them by name. */
const refused = ["env", "execArgv", "maxHeapBytes", "nice"];

/** @param port of the requests @param openTransport makes the transport of one executor @returns the function that makes an executor */
export function makerOf(port, openTransport) {
  const socket = connect(port, "127.0.0.1").unref();
  const waiting = new Map();
  const lines = createInterface(socket);
  lines.on("line", (line) => {
    const { queue, error } = JSON.parse(line);
    const { resolve, reject } = waiting.get(queue);
    return error === undefined ? resolve() : reject(new Error(error));
  });
  // The process with the hosts may end before this one. Lines emit the errors of their input too.
  lines.on("error", (error) => {
    for (const { reject } of waiting.values()) reject(error);
  });
  const ask = (queue, request) =>
    new Promise((resolve, reject) => {
      waiting.set(queue, { resolve, reject });
      socket.write(`${JSON.stringify({ queue, ...request }, (_, value) => (value === Infinity ? "Infinity" : value instanceof URL ? value.href : value))}\n`);
    });

  return ({ maxQueue, ...pool }) => {
    resolvePoolOptions(pool); // refuses at once what the host would refuse
    const queue = randomUUID();
    const transport = openTransport();
    const started = ask(queue, { pool });
    started.catch(() => {});
    // The contract's executors have workers from the beginning.
    const join = transport.join.bind(transport);
    transport.join = async (...peer) => {
      await started.catch(() => {});
      return join(...peer);
    };
    const executor = new RemoteExecutor({ transport, root, queue, maxQueue, ...Object.fromEntries(refused.filter((each) => pool[each] !== undefined).map((each) => [each, pool[each]])) });
    const shutdown = executor.shutdown.bind(executor);
    let ended;
    executor.shutdown = async (options) => {
      const left = shutdown(options);
      ended ??= left.then(async () => {
        await started;
        await ask(queue, { stop: options ?? {} });
        await transport.close();
      });
      await Promise.all([left, ended]);
    };
    return executor;
  };
}
