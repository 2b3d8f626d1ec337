// A report comes from a Handlebars template.
// packages: fastify@5.12.8 handlebars@4.7.10
// requests: GET /report
// advice: toThread(reportPage
import Fastify from "fastify";
import Handlebars from "handlebars";

const template = Handlebars.compile("{{#each groups}}<h2>{{name}}</h2><ul>{{#each members}}<li>{{this.name}}: {{this.points}}</li>{{/each}}</ul>{{/each}}");
const groups = Array.from({ length: 2_000 }, (_, group) => ({ name: `Group ${group}`, members: Array.from({ length: 200 }, (_, id) => ({ name: `Member & ${id}`, points: id * group })) }));

function reportPage() {
  return template({ groups });
}

const app = Fastify();
app.get("/report", async (_request, reply) => reply.type("text/html").send(reportPage()));
await app.listen({ port: 0 });
console.log(`port ${app.server.address().port}`);
