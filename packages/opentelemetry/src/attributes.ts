// The names of attributes, metrics and span events. Names of the semantic conventions are used where they have one.

/** Attributes of spans and metrics. */
export const attribute = {
  // Semantic conventions, stable: code, error, service.
  functionName: "code.function.name",
  filePath: "code.file.path",
  lineNumber: "code.line.number",
  columnNumber: "code.column.number",
  stacktrace: "code.stacktrace",
  errorType: "error.type",
  hostName: "host.name",
  // Of offloop.
  executorKind: "offloop.executor.kind",
  executorName: "offloop.executor.name",
  callId: "offloop.call.id",
  callOutcome: "offloop.call.outcome",
  crashes: "offloop.call.crashes",
  workerId: "offloop.worker.id",
  workerExpected: "offloop.worker.exit.expected",
  stallKind: "offloop.stall.kind",
  stallPhase: "offloop.stall.phase",
  stallCall: "offloop.stall.call",
  stallTask: "offloop.stall.task",
  stallContext: "offloop.stall.context",
  stallFix: "offloop.stall.fix",
} as const;
