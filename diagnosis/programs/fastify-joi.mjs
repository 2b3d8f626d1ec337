// An import is validated with Joi.
// packages: fastify@5.12.8 joi@18.3.2
// requests: POST /import
// advice: toThread(validateAll
import Fastify from "fastify";
import Joi from "joi";

const schema = Joi.array().items(Joi.object({ id: Joi.number().integer(), name: Joi.string().max(30), born: Joi.date().iso(), tags: Joi.array().items(Joi.string()) }));
const people = Array.from({ length: 14_000 }, (_, id) => ({ id, name: `Person ${id}`, born: "1990-01-01", tags: ["a", "b"] }));

function validateAll() {
  return schema.validate(people).error === undefined;
}

const app = Fastify();
app.post("/import", async () => ({ valid: validateAll() }));
await app.listen({ port: 0 });
console.log(`port ${app.server.address().port}`);
