// The tree of samples, of which flame graph and profile are made.
import { expect, it } from "vitest";
import { SampleTree } from "#watchdog/place/sample-tree.js";

const stack = (...names: string[]) => names.map((name) => ({ file: "/app/server.js", line: 1, column: 1, function: name, async: false })).toReversed();
const times = (tree: SampleTree) => Object.fromEntries([...tree.root.children.values()].map(({ frame, self, selfMs }) => [frame!.function, [self, selfMs]]));

it("divides a stall's duration among its samples by the times that they stand for", () => {
  const tree = SampleTree.of([{ frames: stack("a"), forMs: 1 }, { frames: stack("b"), forMs: 3 }, { frames: stack("b"), forMs: 4 }], 1_600);
  expect(times(tree)).toEqual({ a: [1, 200], b: [2, 1_400] });
});

it("divides it equally where no sample stands for any time", () => {
  expect(times(SampleTree.of([{ frames: stack("a"), forMs: 0 }, { frames: stack("b"), forMs: 0 }], 100))).toEqual({ a: [1, 50], b: [1, 50] });
});

it("has one node for a function, whatever the class of its object is, and one for each of two with one name", () => {
  const at = (name: string, line: number) => ({ forMs: 1, frames: [{ file: "/app/server.js", line: 9, column: 1, function: name, async: false, start: [line, 1] as const }] });
  expect([...SampleTree.of([at("Leaf.visit", 4), at("Root.visit", 4), at("Leaf.visit", 7)], 3).root.children.values()].map(({ self }) => self)).toEqual([2, 1]);
});
