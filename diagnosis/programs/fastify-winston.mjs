// An import writes a log line for each row.
// packages: fastify@5.12.8 winston@3.19.0
// requests: POST /import
// advice: toThread(importRows
import Fastify from "fastify";
import winston from "winston";

const logger = winston.createLogger({ format: winston.format.combine(winston.format.timestamp(), winston.format.json()), transports: [new winston.transports.Console({ silent: true }), new winston.transports.Stream({ stream: (await import("node:fs")).createWriteStream("/dev/null") })] });

function importRows(count) {
  for (let row = 0; row < count; row++) logger.info("row imported", { row, table: "orders", tags: ["import", `batch-${row % 100}`] });
  return count;
}

const app = Fastify();
app.post("/import", async () => ({ rows: importRows(25_000) }));
await app.listen({ port: 0 });
console.log(`port ${app.server.address().port}`);
