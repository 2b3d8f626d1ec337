// Classifies a captured value by how it can travel: copied as a whole, copied part by part, by name, or
// refused with the reason.
import { boundClause } from "../../executor/bound-to-thread.js";
import { isNativeFunction, isPrototypeOf } from "../../executor/realm.js";
import { functionName } from "../../executor/text-of.js";
import { types } from "node:util";
import { nameOfShared } from "./shared-symbols.js";
import { parse, type SyntaxNode } from "./source/parse.js";

/** How a captured object travels. */
export type ObjectKind =
  /** Structured clone copies it, with all of its contents. */
  | { readonly kind: "leaf" }
  | { readonly kind: "plain" | "map" | "set" | "buffer" }
  /** `class`: the subclass, if it is an instance of one. */
  | { readonly kind: "array"; readonly class?: Fn | undefined }
  /** An error with more than its message and stack. */
  | { readonly kind: "error"; readonly class: Fn }
  /** An object of the platform that can be described completely: created again from `args` by the global class `name`. */
  | { readonly kind: "remade"; readonly name: string; readonly args: readonly unknown[] }
  /** An object of a class written in JavaScript: its properties, and its class. */
  | { readonly kind: "instance"; readonly class: Fn }
  /** `reason`: a clause that follows "it captures x, ". */
  | { readonly kind: "refused"; readonly reason: string };

type Fn = (...args: never[]) => unknown;

const leafPrototypes = new Set<object>(
  [Date, RegExp, Boolean, Number, String, BigInt, ArrayBuffer, SharedArrayBuffer, DataView, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError].map(
    (each) => each.prototype as object,
  ),
);

/** Classifies a captured object, except functions and symbols. */
export function classify(value: object): ObjectKind {
  if (types.isProxy(value)) return refused("a proxy, whose handler is code of this thread");
  const proto: object | null = Object.getPrototypeOf(value);
  if (Array.isArray(value)) return proto === Array.prototype || isOfPlatform(value) ? { kind: "array" } : subclass(value, (made) => ({ kind: "array", class: made }));
  if (proto === null || proto === Object.prototype || isForeignObject(proto)) return plain(value);
  if (types.isNativeError(value)) return error(value);
  if (leafPrototypes.has(proto)) return ownProperties(value);
  if (types.isMap(value)) return isPrototypeOf(Map, proto) ? { kind: "map" } : refused(`an instance of ${className(value)}, a Map of its own kind`);
  if (types.isSet(value)) return isPrototypeOf(Set, proto) ? { kind: "set" } : refused(`an instance of ${className(value)}, a Set of its own kind`);
  if (Buffer.isBuffer(value)) return { kind: "buffer" };
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value) || types.isDate(value) || types.isRegExp(value) || types.isBoxedPrimitive(value)) {
    return isOfPlatform(value) ? { kind: "leaf" } : ownKind(value);
  }
  const hidden = hiddenState(value);
  if (hidden) return refused(hidden);
  return remade(value) ?? instance(value, proto);
}

function refused(reason: string): ObjectKind {
  return { kind: "refused", reason };
}

function ownKind(value: object): ObjectKind {
  return refused(`an instance of ${className(value)}, which extends a class of the platform`);
}

/** Whether the class of an object belongs to the platform, of this context or of another one. */
function isOfPlatform(value: object): boolean {
  const proto = Object.getPrototypeOf(value) as object | null;
  const made: unknown = proto && Object.getOwnPropertyDescriptor(proto, "constructor")?.value;
  return typeof made === "function" && isNativeFunction(made);
}

/** A Date or a RegExp has no properties of its own that structured clone would keep. */
function ownProperties(value: object): ObjectKind {
  const [key] = ArrayBuffer.isView(value) || types.isStringObject(value) ? [] : Object.keys(value);
  return key === undefined ? { kind: "leaf" } : refused(`a ${className(value)} with the property ${key}, which a copy would not have`);
}

/** The properties of an error that structured clone keeps. */
const keptOfErrors = new Set(["message", "stack"]);

function error(value: object): ObjectKind {
  if (!isOfPlatform(value)) return subclass(value, (made) => ({ kind: "error", class: made }));
  const isPlain = className(value) !== "AggregateError" && Reflect.ownKeys(value).every((key) => typeof key === "string" && keptOfErrors.has(key));
  if (isPlain || value instanceof DOMException) return { kind: "leaf" };
  const made = (globalThis as unknown as Record<string, Fn | undefined>)[className(value)];
  return { kind: "error", class: made ?? (Error as unknown as Fn) };
}

/** An instance of a class of the program that extends a builtin class. */
function subclass(value: object, kind: (made: Fn) => ObjectKind): ObjectKind {
  const name = className(value);
  let made: unknown;
  for (let proto = Object.getPrototypeOf(value) as object | null; proto !== null; proto = Object.getPrototypeOf(proto) as object | null) {
    const each: unknown = Object.getOwnPropertyDescriptor(proto, "constructor")?.value;
    if (typeof each !== "function" || (each as { prototype?: unknown }).prototype !== proto) return refused(`an object whose prototype has no class (${name})`);
    if (isNativeFunction(each)) break;
    if (hasPrivateMembers(each as Fn)) return refused(`an instance of ${name}, which has private fields that nothing outside the class can read`);
    made ??= each;
  }
  return made === undefined ? refused(`an object whose prototype has no class (${name})`) : kind(made as Fn);
}

/** A property under a symbol of this thread stays behind. For data this may not matter, because nothing there can ask for it; for a method it does. */
function plain(value: object): ObjectKind {
  const method = Object.getOwnPropertySymbols(value).find((key) => nameOfShared(key) === undefined && typeof Object.getOwnPropertyDescriptor(value, key)?.value === "function");
  return method === undefined ? { kind: "plain" } : refused(`an object with a function under ${String(method)}, which a copy would not have`);
}

/** A plain object of another realm, as node:vm creates them. */
function isForeignObject(proto: object): boolean {
  return Object.getPrototypeOf(proto) === null && Object.hasOwn(proto, "isPrototypeOf") && Object.hasOwn(proto, "__lookupGetter__");
}

/** Objects of the platform whose content cannot be read. */
function hiddenState(value: object): string | undefined {
  if (types.isWeakMap(value) || types.isWeakSet(value)) return `a ${className(value)}, whose entries cannot be listed`;
  if (types.isPromise(value)) return "a promise, which settles on this thread alone; await it before the call";
  if (types.isGeneratorObject(value)) return "a running generator, whose state cannot be read";
  if (Object.prototype.toString.call(value) === "[object WeakRef]") return "a WeakRef, which refers to an object of this thread";
  if (types.isExternal(value)) return "a handle of native code";
  return undefined;
}

function remade(value: object): ObjectKind | undefined {
  if ((value instanceof URL && Object.getPrototypeOf(value) !== URL.prototype) || (value instanceof URLSearchParams && Object.getPrototypeOf(value) !== URLSearchParams.prototype)) return ownKind(value);
  if (value instanceof URL) return { kind: "remade", name: "URL", args: [value.href] };
  if (value instanceof URLSearchParams) return { kind: "remade", name: "URLSearchParams", args: [String(value)] };
  if (value instanceof TextEncoder) return { kind: "remade", name: "TextEncoder", args: [] };
  if (value instanceof TextDecoder) {
    const { encoding, fatal, ignoreBOM } = value;
    return { kind: "remade", name: "TextDecoder", args: [encoding, { fatal, ignoreBOM }] };
  }
  const format = intlClasses.find((name) => value instanceof (Intl[name] as new () => object));
  if (!format) return undefined;
  const { locale, ...options } = (value as Intl.NumberFormat).resolvedOptions();
  return { kind: "remade", name: `Intl.${format}`, args: [locale, options] };
}

const intlClasses = (["Collator", "DateTimeFormat", "ListFormat", "NumberFormat", "PluralRules", "RelativeTimeFormat", "Segmenter"] as const).filter((name) => name in Intl);

/** Classifies an instance. An instance of a JavaScript class is complete by its properties. For classes of the platform, structured clone decides. */
function instance(value: object, proto: object): ObjectKind {
  const name = className(value);
  const bound = boundClause(value);
  if (bound !== undefined) return refused(`an instance of ${name}, ${bound}`);
  const chain: Fn[] = [];
  for (let each: object | null = proto; each && each !== Object.prototype && Object.getPrototypeOf(each); each = Object.getPrototypeOf(each) as object | null) {
    const made: unknown = Object.getOwnPropertyDescriptor(each, "constructor")?.value;
    if (typeof made !== "function" || (made as { prototype?: unknown }).prototype !== each) return refused(`an object whose prototype has no class (${name})`);
    chain.push(made as Fn);
  }
  const hidden = Object.getOwnPropertySymbols(value).length > 0;
  // Classes of the platform hide their state. Structured clone knows some of them.
  if (hidden && cloneable(value)) return { kind: "leaf" };
  if (chain.length === 0 || chain.some((each) => isNativeFunction(each))) return cloneable(value) ? { kind: "leaf" } : refused(`an instance of ${name}, which is bound to this thread`);
  if (hidden) return refused(`an instance of ${name}, which keeps state under symbols, as handles of this thread do`);
  if (chain.some(hasPrivateMembers)) return refused(`an instance of ${name}, which has private fields that nothing outside the class can read`);
  return { kind: "instance", class: chain[0] as Fn };
}

/** Whether the instances of a class have private fields or methods. */
function hasPrivateMembers(made: Fn): boolean {
  const source = Function.prototype.toString.call(made);
  if (!source.includes("#")) return false; // most classes are not parsed
  try {
    const [statement] = parse(`(${source})`, "script")["body"] as [SyntaxNode];
    const { type, body } = statement["expression"] as SyntaxNode & { readonly body: { readonly body: readonly Member[] } };
    return type === "ClassExpression" && body.body.some((member) => member.static !== true && member.key?.type === "PrivateIdentifier");
  } catch {
    return true; // syntax that the parser does not know
  }
}

interface Member {
  readonly static?: boolean;
  readonly key?: { readonly type: string };
}

/** Blob, KeyObject and similar objects keep their content. Objects that would arrive empty do not qualify. */
function cloneable(value: object): boolean {
  try {
    const copy = structuredClone(value) as object;
    return Object.getPrototypeOf(copy) !== Object.prototype;
  } catch {
    return false;
  }
}

/** The name of its class, such as `Socket`, for messages. */
function className(value: object): string {
  const proto: object | null = Object.getPrototypeOf(value);
  const made: unknown = proto && Object.getOwnPropertyDescriptor(proto, "constructor")?.value;
  return (typeof made === "function" && functionName(made)) || "an anonymous class";
}
