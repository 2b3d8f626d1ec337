// Measurements are packed for a client.
// packages: fastify@5.12.8 protobufjs@8.8.1
// requests: GET /points
// advice: toThread(packPoints
import Fastify from "fastify";
import protobuf from "protobufjs";

const Points = protobuf.parse("syntax = \"proto3\"; message Point { double x = 1; double y = 2; string name = 3; repeated int32 tags = 4; } message Points { repeated Point points = 1; }").root.lookupType("Points");
const points = Array.from({ length: 120_000 }, (_, id) => ({ x: id / 3, y: id / 7, name: `Point ${id}`, tags: [id % 5, id % 7] }));

function packPoints() {
  const bytes = Points.encode(Points.fromObject({ points })).finish();
  return Points.decode(bytes).points.length;
}

const app = Fastify();
app.get("/points", async () => ({ points: packPoints() }));
await app.listen({ port: 0 });
console.log(`port ${app.server.address().port}`);
