// A playground formats the code that its users type.
// packages: fastify@5.12.8 prettier@3.10.1
// requests: POST /format
// awaits: formatCode
// advice: toThread(formatCode
import Fastify from "fastify";
import { format } from "prettier";

const code = Array.from({ length: 1_200 }, (_, id) => `function f${id}(a,b){if(a>b){return {a:a+${id},b:[b,a,${id}]}}else{return a.map(x=>x*${id}).filter(Boolean)}}`).join("\n");

async function formatCode(text) {
  const formatted = await format(text, { parser: "babel" });
  return formatted.length;
}

const app = Fastify();
app.post("/format", async () => ({ length: await formatCode(code) }));
await app.listen({ port: 0 });
console.log(`port ${app.server.address().port}`);
