// A span for each stall that a watchdog of this thread reports, with the time at which the stall began and ended. A stall holds every
// request of the process, so its span belongs to no trace of one of them.
import { type Attributes, ROOT_CONTEXT, type Span, type Tracer } from "@opentelemetry/api";
import type { Stall, StackFrame } from "@offloop/watchdog";
import { attribute } from "./attributes.js";

/** Makes the span of a stall that has ended. @param hook gets the span before its end */
export function recordStall(tracer: Tracer, stall: Stall, hook: (span: Span) => void): void {
  const span = tracer.startSpan("event loop stall", { root: true, startTime: stall.startedAt, attributes: attributesOf(stall) }, ROOT_CONTEXT);
  hook(span);
  span.end(stall.startedAt + stall.durationMs);
}

function attributesOf({ kind, phase, place, call, task, context, fix, stack }: Stall): Attributes {
  return defined({
    [attribute.stallKind]: kind,
    [attribute.stallPhase]: phase,
    [attribute.stallCall]: call,
    [attribute.stallTask]: task,
    [attribute.stallContext]: context,
    [attribute.stallFix]: fix,
    [attribute.functionName]: place?.function || undefined,
    [attribute.filePath]: place?.file,
    [attribute.lineNumber]: place?.line,
    [attribute.columnNumber]: place?.column,
    [attribute.stacktrace]: stack.length === 0 ? undefined : stack.map(lineOf).join("\n"),
  });
}

/** As V8 writes a frame, so that tools recognise it. */
function lineOf({ function: name, file, line, column, async }: StackFrame): string {
  const position = `${file}:${line}:${column}`;
  return `    at ${async ? "async " : ""}${name === "" ? position : `${name} (${position})`}`;
}

function defined(attributes: Record<string, string | number | undefined>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
