// A mail for every customer is rendered with Nunjucks.
// packages: koa@3.3.0 nunjucks@3.2.4
// requests: GET /mails
// advice: toThread(renderMails
// quick: yes
import Koa from "koa";
import nunjucks from "nunjucks";

const template = nunjucks.compile("Dear {{ name | upper }},{% for line in lines %} {{ loop.index }}: {{ line.text }} costs {{ line.price | round(2) }}.{% endfor %}", new nunjucks.Environment(null, { autoescape: true }));

function renderMails(count) {
  let length = 0;
  for (let id = 0; id < count; id++) length += template.render({ name: `Customer ${id}`, lines: Array.from({ length: 20 }, (_, line) => ({ text: `Article "${line}"`, price: line / 3 })) }).length;
  return length;
}

const server = new Koa().use((context) => { context.body = String(renderMails(4_000)); }).listen(0, () => console.log(`port ${server.address().port}`));
