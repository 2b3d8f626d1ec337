// A large configuration is read as YAML.
// packages: fastify@5.12.8 yaml@2.9.1
// requests: GET /config
// advice: toThread(readConfig
import Fastify from "fastify";
import { parse } from "yaml";

const text = Array.from({ length: 6_000 }, (_, id) => `service${id}:\n  image: registry.example.org/service:${id}\n  ports: [80, 443]\n  environment:\n    - KEY=${id}\n    - OTHER="${id}"\n`).join("");

function readConfig() {
  return Object.keys(parse(text)).length;
}

const app = Fastify();
app.get("/config", async () => ({ services: readConfig() }));
await app.listen({ port: 0 });
console.log(`port ${app.server.address().port}`);
