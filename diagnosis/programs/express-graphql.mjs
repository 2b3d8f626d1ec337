// A GraphQL query asks for many nodes.
// packages: express@5.3.0 graphql@16.15.0
// requests: GET /graph
// awaits: answer
// advice: toThread(answer
import express from "express";
import { buildSchema, graphql } from "graphql";

const schema = buildSchema("type User { id: Int, name: String, friends: [User] } type Query { users: [User] }");
const users = Array.from({ length: 400 }, (_, id) => ({ id, name: `User ${id}`, friends: () => users.slice(0, 250) }));

async function answer(query) {
  const { data } = await graphql({ schema, source: query, rootValue: { users: () => users } });
  return data.users.length;
}

const app = express();
app.get("/graph", async (_request, response) => response.json(await answer("{ users { id name friends { id name } } }")));
app.listen(0, function () { console.log(`port ${this.address().port}`); });
