// The dashboard for Grafana: each of its queries is PromQL, and names only metrics and labels that are exported.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import { endpointMetrics, type Metric, poolMetrics, stallMetrics } from "@offloop/watchdog/metrics";
import { expect, it, onTestFinished } from "vitest";
import { makePool, publishStall, startCollecting } from "./collecting.js";
import * as work from "./fixtures/work.mjs";

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string; readonly query: { readonly query: string } }[] };
}

const dashboard = JSON.parse(readFileSync(new URL("../dashboard.json", import.meta.url), "utf8")) as Dashboard;
const variables = dashboard.templating.list;
/** A query as Grafana sends it: with values in place of its variables. */
const filledIn = (query: string): string => variables.reduce((text, { name }) => text.replaceAll(`$${name}`, ".*"), query.replaceAll("$__rate_interval", "5m"));
const queries = [
  ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr, legendFormat }) => ({ title, query: filledIn(expr), legend: [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!) }))),
  ...variables.filter(({ type }) => type === "query").map(({ name, query }) => {
    const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(query.query)!;
    return { title: `variable ${name}`, query: filledIn(selector!), legend: [label!] };
  }),
];

/** The metrics of a query, each with the labels by which it is selected, and the labels by which the query groups. */
function namesIn(query: string): { metrics: { name: string; labels: string[] }[]; groups: string[] } {
  const metrics: { name: string; labels: string[] }[] = [];
  const groups: string[] = [];
  const text = (node: { from: number; to: number }): string => query.slice(node.from, node.to);
  parser.configure({ strict: true }).parse(query).iterate({
    enter({ name, node }) {
      if (name === "VectorSelector") metrics.push({ name: text(node.getChild("Identifier")!), labels: [] });
      if (name === "LabelName" && node.parent?.name === "GroupingLabels") groups.push(text(node));
      else if (name === "LabelName") metrics.at(-1)!.labels.push(text(node));
    },
  });
  return { metrics, groups };
}

/** Labels that Prometheus adds. */
const added = ["instance", "job"];

/** The labels of each metric that a registry exports, and of those that the endpoint alone exports. */
async function exported(): Promise<Map<string, readonly string[]>> {
  const { register } = startCollecting();
  const pool = makePool("thread");
  await expect(pool.with({ retries: 1 }).submit(work.exits)).rejects.toThrow();
  await pool.submit(work.add, 1, 2);
  publishStall("script", 100);
  const labels = new Map<string, readonly string[]>(Object.values(endpointMetrics).map((metric) => [metric.name, metric.labels]));
  for (const [, name, of = ""] of (await register.metrics()).matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) labels.set(name!, [...of.matchAll(/(\w+)="/g)].map(([, label]) => label!));
  return labels;
}

it("names only metrics and labels that are exported, in queries, groups and legends", async () => {
  const labelsOf = await exported();
  expect(queries.length).toBeGreaterThan(20);
  for (const { title, query, legend } of queries) {
    const { metrics, groups } = namesIn(query);
    expect(metrics.length, title).toBeGreaterThan(0);
    for (const { name, labels } of metrics) {
      expect([...labelsOf.keys()], title).toContain(name);
      for (const label of [...labels, ...groups, ...legend]) expect([...labelsOf.get(name)!, ...added], `${title}: ${query}`).toContain(label);
    }
    // A label that the query has summed up is not there for the legend.
    if (groups.length > 0) expect(groups, title).toEqual(expect.arrayContaining(legend));
  }
});

it("shows each metric that is exported", async () => {
  const shown = new Set(queries.flatMap(({ query }) => namesIn(query).metrics.map(({ name }) => name.replace(/_(bucket|count|sum)$/, ""))));
  const all = [poolMetrics, stallMetrics, endpointMetrics].flatMap((metrics) => Object.values<Metric>(metrics)).map(({ name }) => name);
  expect([...shown].toSorted()).toEqual(all.toSorted());
  const families = new Set([...(await exported()).keys()].map((name) => name.replace(/(_seconds)_(bucket|count|sum)$/, "$1")));
  expect([...families].toSorted()).toEqual(all.toSorted());
});

it("has queries that Prometheus takes", () => {
  const folder = mkdtempSync(join(tmpdir(), "offloop-dashboard-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const rules = join(folder, "rules.json"); // JSON is YAML
  writeFileSync(rules, JSON.stringify({ groups: [{ name: "dashboard", rules: queries.map(({ query }, index) => ({ record: `query:${index}`, expr: query })) }] }));
  expect(execFileSync("promtool", ["check", "rules", rules], { encoding: "utf8" })).toContain(`SUCCESS: ${queries.length} rules found`);
});

it("finds a query that names what is not there", () => {
  expect(() => namesIn("sum by (le (rate(x[5m]))")).toThrow(SyntaxError);
  expect(namesIn('sum by (kind) (rate(offloop_no_such_total{pool="a"}[5m])) / b{c="d"}')).toEqual({ metrics: [{ name: "offloop_no_such_total", labels: ["pool"] }, { name: "b", labels: ["c"] }], groups: ["kind"] });
});

it("has a name for each panel and query", () => {
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  for (const { type, title, targets = [] } of dashboard.panels) {
    expect(title).not.toBe("");
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    expect(targets.length > 0).toBe(type !== "row");
  }
});
