// Renders values of the inspector as short text: previews of objects, no getters called, nothing longer than a line.

/** A value, as the inspector describes it. */
export interface RemoteObject {
  readonly type: string;
  readonly subtype?: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
  readonly description?: string;
  readonly objectId?: string;
  readonly preview?: Preview;
}

interface Preview {
  readonly type: string;
  readonly description?: string;
  readonly subtype?: string;
  readonly overflow: boolean;
  readonly properties: readonly { readonly name: string; readonly type: string; readonly subtype?: string; readonly value?: string }[];
  readonly entries?: readonly { readonly key?: Preview; readonly value: Preview }[];
}

const LONGEST = 80;

/** The value as one line of at most 80 characters. */
export function valueText(value: RemoteObject): string {
  return cut(value.type === "string" ? JSON.stringify(cutString(String(value.value))) : value.preview !== undefined ? previewText(value.preview) : (value.unserializableValue ?? describe(value)));
}

function describe({ type, value, description }: RemoteObject): string {
  if (type === "function") return `function ${/^(?:async )?(?:function\*? ?|class )([\w$]+)/.exec(description ?? "")?.[1] ?? ""}`.trim();
  return description ?? String(value);
}

function previewText({ description = "Object", subtype, overflow, properties, entries }: Preview): string {
  if (subtype === "error" || subtype === "regexp" || subtype === "date") return description.split("\n")[0]!;
  const isArray = subtype === "array" || subtype === "typedarray";
  const parts = (entries ?? []).map(({ key, value }) => (key === undefined ? inner(value) : `${inner(key)} => ${inner(value)}`));
  if (entries === undefined) for (const each of properties) parts.push(isArray ? propertyText(each) : `${each.name}: ${propertyText(each)}`);
  if (overflow) parts.push("…");
  const body = parts.join(", ");
  if (isArray) return `${description === `Array(${properties.length})` ? "" : `${description} `}[${body}]`;
  return `${description === "Object" ? "" : `${description} `}${body === "" ? "{}" : `{ ${body} }`}`;
}

const inner = (preview: Preview): string => (preview.type === "string" ? JSON.stringify(preview.description) : preview.properties.length > 0 ? previewText(preview) : (preview.description ?? ""));

function propertyText({ type, subtype, value = "" }: Preview["properties"][number]): string {
  if (type === "string") return JSON.stringify(value);
  if (type === "accessor") return "(getter)";
  if (type === "function") return "function";
  return type === "object" && subtype === undefined && value === "Object" ? "{…}" : value;
}

const cutString = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
