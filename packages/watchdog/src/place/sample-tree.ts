// A tree of samples: which function called which, and how much time the samples in each stand for.
import type { RawFrame } from "../protocol/messages.js";
import type { PackedTree } from "../protocol/spool.js";

/** The number of nodes of a tree. Further frames are counted with their callers. */
const MOST_NODES = 20_000;

/** The depth of a tree. Deeper frames are counted with their callers. */
const MOST_DEPTH = 500;

/** A function in the tree. The outermost frames are nearest to the root. */
export interface SampleNode {
  readonly frame: RawFrame | undefined;
  /** The number of samples that ended in this function. */
  self: number;
  /** The time that these samples stand for, in milliseconds. */
  selfMs: number;
  readonly children: Map<string, SampleNode>;
}

export class SampleTree {
  readonly root: SampleNode = node(undefined);
  readonly #mostNodes: number;
  #nodes = 1;

  constructor(mostNodes = MOST_NODES) {
    this.#mostNodes = mostNodes;
  }

  /** The tree of the samples of one stall. */
  static of(stacks: readonly (readonly RawFrame[])[], durationMs: number): SampleTree {
    const tree = new SampleTree();
    tree.add(stacks, durationMs);
    return tree;
  }

  /** Adds the samples of one stall. Its duration is divided among them, so that each stall counts by its duration. */
  add(stacks: readonly (readonly RawFrame[])[], durationMs: number): void {
    for (const frames of stacks) {
      let at = this.root;
      for (const frame of frames.toReversed().slice(0, MOST_DEPTH)) {
        if (frame.async) continue;
        const child = this.#childOf(at, frame);
        if (child === undefined) break;
        at = child;
      }
      at.self++;
      at.selfMs += durationMs / stacks.length;
    }
  }

  /** Adds a tree of another process. */
  merge([, self, selfMs, children]: PackedTree, into = this.root): void {
    into.self += self;
    into.selfMs += selfMs;
    for (const packed of children) {
      const child = packed[0] === null ? undefined : this.#childOf(into, packed[0]);
      this.merge(packed, child ?? into);
    }
  }

  pack(from = this.root): PackedTree {
    return [from.frame ?? null, from.self, from.selfMs, [...from.children.values()].map((child) => this.pack(child))];
  }

  /** The child for a function; `undefined`: the tree is full. */
  #childOf(parent: SampleNode, frame: RawFrame): SampleNode | undefined {
    const key = `${frame.file}:${frame.function}:${frame.function === "" ? frame.line : ""}`;
    let child = parent.children.get(key);
    if (child !== undefined || this.#nodes >= this.#mostNodes) return child;
    this.#nodes++;
    parent.children.set(key, (child = node(frame)));
    return child;
  }
}

function node(frame: RawFrame | undefined): SampleNode {
  return { frame, self: 0, selfMs: 0, children: new Map() };
}
