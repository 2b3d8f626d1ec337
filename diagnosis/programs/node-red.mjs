// A flow server answers requests by a flow whose function node computes.
// packages: node-red@4.1.15
// requests: GET /work
// advice: time goes in | move this work into a function
import { createServer } from "node:http";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import RED from "node-red";

const userDir = mkdtempSync(join(tmpdir(), "flow-"));
writeFileSync(join(userDir, "flows.json"), JSON.stringify([
  { id: "tab", type: "tab", label: "Flow" },
  { id: "in", type: "http in", z: "tab", url: "/work", method: "get", wires: [["work"]] },
  { id: "work", type: "function", z: "tab", func: "let sum = 0; for (let i = 0; i < 6e7; i++) sum = (sum * 31 + i) % 1000003; msg.payload = { sum }; return msg;", outputs: 1, wires: [["out"]] },
  { id: "out", type: "http response", z: "tab" },
]));
const server = createServer((request, response) => RED.httpNode(request, response));
RED.init(server, { httpAdminRoot: false, httpNodeRoot: "/", userDir, flowFile: "flows.json", logging: { console: { level: "off" } }, telemetry: { enabled: false } });
RED.events.once("flows:started", () => server.listen(0, () => console.log(`port ${server.address().port}`)));
await RED.start();
