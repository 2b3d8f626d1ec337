// Small helpers: elements, texts, durations and canvases.

type Child = Node | string | undefined;

/** An element with attributes and children. Texts are never read as HTML. */
export function el<Name extends keyof HTMLElementTagNameMap>(name: Name, attributes: Readonly<Record<string, string>> = {}, ...children: readonly Child[]): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  return document.getElementById(id) as Kind;
}

/** Sets a text if it has changed, so that screen readers do not read it again. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A duration for people: three digits at most, with its unit. */
export function duration(ms: number): string {
  if (ms >= 120_000) return `${Math.round(ms / 60_000)} min`;
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(ms >= 10_000 ? 0 : 1)} s`;
  return `${ms >= 10 ? Math.round(ms) : ms.toFixed(ms >= 1 ? 1 : 2)} ms`;
}

export function clock(time: number): string {
  return new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}

export function count(value: number): string {
  return value >= 10_000 ? `${(value / 1_000).toFixed(value >= 100_000 ? 0 : 1)} k` : String(Math.round(value));
}

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** The value of a custom property of the page's style. */
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Clears a canvas and gives its context, in CSS pixels. */
export function surface(canvas: HTMLCanvasElement): { readonly context: CanvasRenderingContext2D; readonly width: number; readonly height: number } {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d")!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = "11px system-ui, sans-serif";
  return { context, width, height };
}

/** Replaces the rows of a table. A column whose head begins with # has numbers. */
export function fillTable(table: HTMLTableElement, heads: readonly string[], rows: readonly (readonly Child[])[], empty: string): void {
  const [caption] = table.getElementsByTagName("caption");
  const kind = (index: number): Record<string, string> => (heads[index]!.startsWith("#") ? { class: "number" } : {});
  const head = el("thead", {}, el("tr", {}, ...heads.map((text, index) => el("th", { scope: "col", ...kind(index) }, text.replace(/^#/, "")))));
  const body = rows.length === 0 ? el("tbody", {}, el("tr", {}, el("td", { class: "dim", colspan: String(heads.length) }, empty))) : el("tbody", {}, ...rows.map((cells) => el("tr", {}, ...cells.map((cell, index) => el("td", kind(index), cell)))));
  table.replaceChildren(...(caption === undefined ? [] : [caption]), head, body);
}
