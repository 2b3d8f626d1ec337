// The real exporter against a collector: a server that decodes what arrives by OTLP over HTTP.
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { expect, it, onTestFinished } from "vitest";

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly events: readonly { readonly name: string }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly gauge?: { readonly dataPoints: readonly unknown[] };
  readonly histogram?: { readonly dataPoints: readonly { readonly attributes: readonly Attribute[]; readonly explicitBounds: readonly number[] }[] };
}

const plain = (attributes: readonly Attribute[]): Record<string, unknown> => Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

/** Starts a collector, which ends with the test. */
async function startCollector(): Promise<{ url: string; spans: Span[]; metrics: Metric[] }> {
  const spans: Span[] = [];
  const metrics: Metric[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const sent = JSON.parse(String(request.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes));
    if (request.url === "/v1/traces") spans.push(...sent.resourceSpans.flatMap(({ scopeSpans }: any) => scopeSpans.flatMap((scope: any) => scope.spans)));
    else metrics.push(...sent.resourceMetrics.flatMap(({ scopeMetrics }: any) => scopeMetrics.flatMap((scope: any) => scope.metrics)));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, metrics };
}

it("a collector gets the spans of the program, of its threads, processes and stalls, and the metrics", async () => {
  const { url, spans, metrics } = await startCollector();
  await promisify(execFile)(process.execPath, [fileURLToPath(new URL("./fixtures/program.mjs", import.meta.url))], { env: { ...process.env, NODE_OPTIONS: "", OTEL_EXPORTER_OTLP_ENDPOINT: url }, timeout: 25_000 });

  const named = (name: string): Span[] => spans.filter((span) => span.name === name);
  const [outer] = named("outer");
  const calls = named("inSpan");
  expect(calls.map(({ attributes }) => plain(attributes)["offloop.executor.kind"])).toEqual(["thread", "process"]);
  for (const call of calls) expect(call).toMatchObject({ traceId: outer!.traceId, parentSpanId: outer!.spanId });
  expect(named("inner").map(({ traceId, parentSpanId }) => ({ traceId, parentSpanId })).toSorted(byParent)).toEqual(calls.map(({ traceId, spanId }) => ({ traceId, parentSpanId: spanId })).toSorted(byParent));
  expect(named("refuses")).toMatchObject([{ status: { code: 2, message: "no such thing" }, events: [{ name: "queued" }, { name: "run" }, { name: "exception" }] }]);
  const stall = named("event loop stall").find(({ attributes }) => plain(attributes)["code.function.name"] === "holdLoop")!;
  expect(plain(stall.attributes)).toMatchObject({ "code.file.path": expect.stringContaining("hold.mjs"), "code.line.number": expect.anything() });
  expect(stall.parentSpanId ?? "").toBe("");
  expect(Number(BigInt(stall.endTimeUnixNano) - BigInt(stall.startTimeUnixNano)) / 1e6).toBeGreaterThan(50);

  const metric = (name: string): Metric => metrics.find((each) => each.name === name)!;
  expect(new Set(metrics.map(({ name }) => name))).toEqual(
    new Set(["offloop.call.wait.duration", "offloop.call.run.duration", "offloop.stall.duration", "offloop.executor.queue.length", "offloop.executor.running", "offloop.executor.workers", "offloop.executor.saturation", "offloop.worker.exits"]),
  );
  const runs = metric("offloop.call.run.duration");
  expect(runs.unit).toBe("s");
  expect(runs.histogram!.dataPoints.map(({ attributes }) => plain(attributes)["code.function.name"])).toEqual(["inSpan", "inSpan", "refuses"]);
  expect(runs.histogram!.dataPoints[0]!.explicitBounds).toContain(0.03);
  expect(metric("offloop.executor.workers").gauge!.dataPoints).toHaveLength(2);
});

const byParent = (a: { parentSpanId?: string | undefined }, b: { parentSpanId?: string | undefined }): number => String(a.parentSpanId).localeCompare(String(b.parentSpanId));
