// A page is rendered by React on the server.
// packages: fastify@5.12.8 react@19.3.1 react-dom@19.3.1
// requests: GET /page
// advice: toThread(renderPage
import Fastify from "fastify";
import { createElement } from "react";
import { renderToString } from "react-dom/server";

function Row({ id }) {
  return createElement("li", { className: `row-${id}`, title: `Row "${id}"` }, createElement("b", null, `Row ${id}`), createElement("span", { style: { color: "red" } }, id * 2));
}

function renderPage(rows) {
  return renderToString(createElement("ul", null, Array.from({ length: rows }, (_, id) => createElement(Row, { id, key: id }))));
}

const app = Fastify();
app.get("/page", async (_request, reply) => reply.type("text/html").send(renderPage(20_000)));
await app.listen({ port: 0 });
console.log(`port ${app.server.address().port}`);
