// The floor plan of ARCHITECTURE.md, which import-graph.test.ts checks. Floors are listed from the roof down. A
// module imports its own room and the rooms of lower floors. Rooms of one floor do not import each other. A room is
// a folder with its subfolders, or a list of modules.

export interface Room {
  readonly name: string;
  /** Matches the path of its modules below `src/`, without extension. */
  readonly modules: RegExp;
  /** The packages that it may import beside Node's own. */
  readonly packages?: readonly string[];
}

const folder = (name: string, ...packages: string[]): Room => ({ name, modules: new RegExp(`^${name}/`), packages });
const modules = (name: string, pattern: RegExp, ...packages: string[]): Room => ({ name, modules: pattern, packages });

const contract = "@offloop/workers/executor";

export const plans: Readonly<Record<string, readonly (readonly Room[])[]>> = {
  workers: [
    [modules("index", /^index$/), folder("pool"), folder("worker"), folder("observe"), folder("testing")],
    [folder("thread", "piscina"), folder("process"), folder("actor")],
    [folder("dispatch")],
    [folder("entry")],
    [folder("function", "acorn", "es-module-lexer")],
    [folder("remote"), folder("frames")],
    [folder("protocol")],
    [folder("executor")],
  ],
  core: [
    [modules("index", /^index$/, contract)],
    [modules("roof", /^(event-loop|run|run-listeners|virtual-time-loop)$/, contract)],
    [folder("offload", contract)],
    [folder("task", contract), folder("sync", contract)],
    [folder("future", contract)],
    [folder("loop", contract)],
    [modules("errors", /^errors$/, contract)],
  ],
  watchdog: [
    [modules("entries", /^(index|metrics|register|node-test)$/), modules("vitest", /^vitest$/, "vitest"), modules("jest", /^(jest|jest-globals\.d)$/, "@jest/globals"), folder("cli"), modules("watching-thread", /^watching-thread$/)],
    [modules("guard", /^guard$/), folder("outside")],
    [folder("watched"), folder("thread"), modules("report", /^report\/(?!console$|log-entry$)/), folder("page")],
    [folder("place"), modules("texts", /^report\/(console|log-entry)$/)],
    [folder("protocol")],
    [modules("hook", /^hook$/), modules("errors", /^errors$/)],
  ],
  remote: [
    [modules("index", /^index$/, contract, "@offloop/workers/pool"), folder("cli", contract)],
    [folder("caller", contract, "@offloop/workers/pool", "@offloop/workers"), folder("host", contract, "@offloop/workers/pool", "@offloop/workers"), folder("memory", contract)],
    [folder("options", contract)],
    [folder("messages", contract, "@offloop/workers/pool")],
    [folder("transport")],
  ],
  nest: [
    [modules("index", /^index$/, contract, "@offloop/workers")],
    [modules("module", /^module$/, contract, "@nestjs/common", "@nestjs/core", "@offloop/workers")],
    [modules("decorator", /^offload$/, contract)],
  ],
  fastify: [
    [modules("index", /^index$/, contract, "@offloop/http", "@offloop/workers", "@offloop/watchdog")],
    [modules("plugin", /^plugin$/, contract, "fastify", "fastify-plugin", "@offloop/core", "@offloop/http", "@offloop/workers")],
    [modules("options", /^options$/, contract, "fastify", "@offloop/http", "@offloop/workers", "@offloop/watchdog"), modules("log", /^log-stalls$/, "fastify", "@offloop/watchdog")],
    [modules("health", /^health-check$/, contract, "fastify", "@offloop/http")],
  ],
  opentelemetry: [
    [modules("index", /^index$/, "@offloop/workers", "@offloop/watchdog")],
    [modules("instrumentation", /^instrumentation$/, contract, "@offloop/workers/observe", "@opentelemetry/api", "@opentelemetry/instrumentation", "@offloop/workers", "@offloop/watchdog")],
    [modules("signals", /^(call-spans|stall-spans|measures)$/, "@offloop/watchdog/metrics", "@offloop/workers/observe", "@opentelemetry/api", "@offloop/workers", "@offloop/watchdog"), modules("config", /^config$/, contract, "@opentelemetry/api", "@opentelemetry/instrumentation", "@offloop/workers", "@offloop/watchdog")],
    [modules("sources", /^(outcome|version)$/, "@opentelemetry/api", "@offloop/workers")],
    [modules("attributes", /^attributes$/)],
  ],
  prometheus: [
    [modules("index", /^index$/)],
    [modules("collect", /^collect-metrics$/, "@offloop/watchdog", "@offloop/workers", "@offloop/workers/observe")],
    [modules("instruments", /^instruments$/, contract, "prom-client", "@offloop/watchdog", "@offloop/watchdog/metrics", "@offloop/workers", "@offloop/workers/observe"), modules("options", /^options$/, contract, "prom-client")],
  ],
  http: [
    [modules("index", /^index$/, contract)],
    [modules("shedding", /^shed-load$/, contract), modules("calls", /^offload-for$/, contract, "@offloop/core")],
    [modules("signal", /^abort-signal-of$/, contract)],
    [modules("errors", /^errors$/, contract)],
    [modules("load", /^(load-gauge|process-load|service-rate|held-loop)$/, contract, "@offloop/core")],
    [modules("request", /^(any-request|request-name)$/, contract)],
    [modules("time", /^real-time$/, contract)],
  ],
  bullmq: [
    [modules("index", /^index$/, contract, "@offloop/remote")],
    [folder("processor", contract, "bullmq"), folder("transport", contract, "bullmq", "ioredis", "@offloop/remote")],
    [folder("job", contract)],
  ],
  nats: [
    [modules("index", /^index$/, "@offloop/remote")],
    [folder("transport", contract, "@nats-io/transport-node", "@nats-io/jetstream", "@offloop/remote")],
  ],
  offloop: [
    [
      modules("index", /^index$/, "@offloop/core", "@offloop/workers", "@offloop/watchdog"),
      modules("doors", /^(bin|register|vitest|jest|node-test)$/, "@offloop/watchdog/cli", "@offloop/remote/cli", "@offloop/watchdog/register", "@offloop/watchdog/vitest", "@offloop/watchdog/jest", "@offloop/watchdog/node-test"),
      modules("bundler", /^(bundler|copy-packages)$/, "unplugin"),
    ],
  ],
};

/** Imports that are allowed for one module, but not for its room. */
export const lone: readonly (readonly [module: string, target: string])[] = [["core/offload/default-executor", "@offloop/workers"]];
