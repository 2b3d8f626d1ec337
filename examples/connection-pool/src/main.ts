// Twelve clients share four connections, until SIGINT (Ctrl+C) or SIGTERM drains the pool. With `--check` the program
// breaks a connection, waits until idle ones are closed, sends itself the signal, and checks the numbers.
import { strict as assert } from "node:assert";
import { createTask, gather, getRunningLoop, run, sleep, timeout } from "offloop";
import { Connection } from "./connection.js";
import { ConnectionPool } from "./connection-pool.js";
import { EchoServer } from "./echo-server.js";

const clients = 12;
const size = 4;
const patienceMs = 10_000;

await run(async () => {
  await using server = new EchoServer();
  const port = await server.listen();
  const pool = new ConnectionPool({ open: () => Connection.open(port), size, idleTimeoutMs: 500, checkEveryMs: 100, checkTimeoutMs: 200 });
  let answers = 0;
  let draining: Promise<void> | undefined;
  const drained = getRunningLoop().createFuture<void>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    getRunningLoop().addSignalHandler(signal, () => {
      console.log(`${signal}: draining`);
      draining ??= pool.drain().then(() => drained.setResult());
    });
  }

  if (process.argv.includes("--check")) {
    await serve(20);
    assert.equal(server.most, size);
    server.muteOne();
    await until("the health check closes the connection that went silent", () => pool.closed.unhealthy === 1);
    await until("those that idle are closed", () => server.connections === 0);
    assert.equal(pool.closed.idle, size - 1);
    getRunningLoop().callLater(200, () => process.kill(process.pid, "SIGTERM"));
  }
  await serve(Infinity);
  await drained;
  await until("no connection is left", () => server.connections === 0);
  console.log(`${answers} answers over at most ${server.most} connections.`);

  /** Each client makes this number of exchanges, or fewer if the pool drains. */
  async function serve(exchanges: number): Promise<void> {
    await gather(Array.from({ length: clients }, (_, n) => createTask(() => client(`client ${n}`, exchanges))));
  }

  async function client(name: string, exchanges: number): Promise<void> {
    for (let n = 0; n < exchanges && !draining; n++) {
      const line = `${name}, line ${n}`;
      assert.equal(await pool.use((connection) => connection.exchange(line)), line);
      answers++;
    }
  }
}, { handleSignals: false });

async function until(what: string, condition: () => boolean): Promise<void> {
  await timeout(patienceMs, async () => {
    while (!condition()) await sleep(10);
  });
  console.log(`ok: ${what}`);
}
