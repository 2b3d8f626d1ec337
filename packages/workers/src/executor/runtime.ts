// The runtimes beside Node. They run its modules, and lack some of its parts.
const { bun, deno } = process.versions as { readonly bun?: string; readonly deno?: string };

/** `Bun` or `Deno`; `undefined`: Node. */
export const otherRuntime: "Bun" | "Deno" | undefined = bun !== undefined ? "Bun" : deno !== undefined ? "Deno" : undefined;
