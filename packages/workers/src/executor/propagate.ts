// Context that crosses to workers: the values of registered AsyncLocalStorages, and OpenTelemetry's trace
// context if the program uses it. The values are captured when a call is submitted, and restored around the
// function on the worker. The module that registers a storage does so on both sides, because the worker
// imports it too.
import type { AsyncLocalStorage } from "node:async_hooks";
import { callback, checkOption, checkOptions, invalidArgument, nameText, type OptionTable, type OptionType, requireOptions } from "./check-options.js";

/** Options of `propagate`. */
export interface PropagateOptions<T, Encoded = T> {
  /** The name of the storage, which is unique and the same on both sides: `myapp.request`. */
  name: string;
  /** Converts the value to a form that structured clone can copy. @default the value itself */
  encode?: ((value: T) => Encoded) | undefined;
  /** Restores the value in the worker. @default the copy itself */
  decode?: ((encoded: Encoded) => T) | undefined;
}

const storageName: OptionType = { ...nameText, takes: "a name that is the same on both sides" };
const propagateOptionTypes: OptionTable<PropagateOptions<never>> = { name: storageName, encode: callback, decode: callback };

function resolvePropagateOptions<T, Encoded>(options: PropagateOptions<T, Encoded>): PropagateOptions<T, Encoded> {
  const given = checkOptions("propagate()", requireOptions("propagate()", options), propagateOptionTypes as OptionTable<PropagateOptions<T, Encoded>>);
  checkOption("propagate()", "name", given.name, storageName);
  return given as PropagateOptions<T, Encoded>;
}

/** The values that cross, by the names of their storages. */
export type ContextValues = Record<string, unknown>;

interface Carrier {
  /** The current value; `undefined`: there is none. */
  capture(): unknown;
  /** Converts a value to the form in which it crosses. */
  encode(value: unknown): unknown;
  enter(value: unknown, then: () => unknown): unknown;
}

const carriers = new Map<string, Carrier>();

/**
 * Carries the value of `storage` to workers: inside the function, `storage.getStore()` returns the value that
 * it had at the call. Call `propagate` in the module that creates the storage, because workers import it too.
 * @throws InvalidArgumentError `storage` is no AsyncLocalStorage; InvalidOptionError the name is missing
 * @example
 * export const request = new AsyncLocalStorage<{ id: string }>();
 * propagate(request, { name: "myapp.request" });
 */
export function propagate<T, Encoded = T>(storage: AsyncLocalStorage<T>, options: PropagateOptions<T, Encoded>): void {
  if (typeof storage?.getStore !== "function" || typeof storage.run !== "function") throw invalidArgument("propagate()", "an AsyncLocalStorage", storage, 'propagate(storage, { name: "app.request" })');
  const { name, encode, decode } = resolvePropagateOptions(options);
  carriers.set(name, {
    capture() {
      const value = storage.getStore();
      return value === undefined || encode === undefined ? value : encode(value);
    },
    encode: (value) => (value === undefined || encode === undefined ? value : encode(value as T)),
    enter: (value, then) => storage.run(decode === undefined ? (value as T) : decode(value as Encoded), then),
  });
}

/** The global in which @opentelemetry/api 1.x keeps its parts. Reading it makes no dependency on that package. */
const openTelemetry = Symbol.for("opentelemetry.js.api.1");
const TRACE_CONTEXT = "offloop.traceContext";

interface OpenTelemetry {
  readonly context?: { active(): unknown; with(context: unknown, then: () => unknown): unknown };
  readonly propagation?: {
    inject(context: unknown, carrier: object, setter: { set(carrier: Record<string, string>, key: string, value: string): void }): void;
    extract(context: unknown, carrier: object, getter: { get(carrier: Record<string, string>, key: string): string | undefined; keys(carrier: object): string[] }): unknown;
  };
}

function telemetry(): OpenTelemetry | undefined {
  return (globalThis as { [openTelemetry]?: OpenTelemetry })[openTelemetry];
}

/** Holds the context that travels with a call in place of the active one. */
let ofCalls: { getStore(): unknown } | undefined;

/**
 * For tracers: the OpenTelemetry context that this storage holds travels with each call, in place of the active one. Bind the storage
 * to `channels.callSubmitted` (`bindStore`), with the context of the call's span as its value. A call for which it holds `undefined` takes the active context.
 * @param storage `undefined`: the active context travels again
 */
export function setTraceContextOfCalls(storage: { getStore(): unknown } | undefined): void {
  ofCalls = storage;
}

const traceContext: Carrier = {
  encode: (value) => value,
  capture() {
    const { context, propagation } = telemetry() ?? {};
    if (context === undefined || propagation === undefined) return undefined;
    const fields: Record<string, string> = {};
    propagation.inject(ofCalls?.getStore() ?? context.active(), fields, { set: (carrier, key, value) => (carrier[key] = value) });
    return Object.keys(fields).length === 0 ? undefined : fields;
  },
  enter(fields, then) {
    const { context, propagation } = telemetry() ?? {};
    if (context === undefined || propagation === undefined) return then();
    const getter = { get: (carrier: Record<string, string>, key: string) => carrier[key], keys: (carrier: object) => Object.keys(carrier) };
    return context.with(propagation.extract(context.active(), fields as object, getter), then);
  },
};

/** The names of the registered storages. */
export function propagatedNames(): string[] {
  return [...carriers.keys()];
}

/**
 * For executors: captures the context of a call. `undefined`: there is no context to carry; finding that out costs two look-ups.
 * @param instead values of the call's `context` option, by name
 */
export function captureContext(instead: ContextValues | undefined): ContextValues | undefined {
  if (carriers.size === 0 && telemetry() === undefined) return undefined;
  let values: ContextValues | undefined;
  for (const [name, carrier] of [...carriers, [TRACE_CONTEXT, traceContext] as const]) {
    const value = instead !== undefined && Object.hasOwn(instead, name) ? carrier.encode(instead[name]) : carrier.capture();
    if (value !== undefined) (values ??= {})[name] = value;
  }
  return values;
}

/** For workers: runs `then` inside the captured context. A name that is not registered here is left out. */
export function enterContext(values: ContextValues | undefined, then: () => unknown): unknown {
  let run = then;
  for (const [name, value] of Object.entries(values ?? {})) {
    const carrier = name === TRACE_CONTEXT ? traceContext : carriers.get(name);
    const inner = run;
    if (carrier !== undefined) run = () => carrier.enter(value, inner);
  }
  return run();
}
