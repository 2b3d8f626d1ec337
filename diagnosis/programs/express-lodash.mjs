// A dashboard groups and sorts orders.
// packages: express@5.3.0 lodash@4.18.1
// requests: GET /dashboard
// advice: toThread(summarize
import express from "express";
import _ from "lodash";

const orders = Array.from({ length: 120_000 }, (__, id) => ({ id, customer: `c${(id * 7919) % 5_003}`, city: `City ${id % 300}`, total: (id * 31) % 997 }));

function summarize() {
  return _(_.cloneDeep(orders)).groupBy("customer").map((list, customer) => ({ customer, best: _.orderBy(list, ["total", "city"], ["desc", "asc"])[0], sum: _.sumBy(list, "total") })).sortBy("sum").take(10).value();
}

const app = express();
app.get("/dashboard", (_request, response) => response.json(summarize()));
app.listen(0, function () { console.log(`port ${this.address().port}`); });
