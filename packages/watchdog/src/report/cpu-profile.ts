// Writes the samples of all stalls in the format of DevTools' Performance panel, which speedscope opens too.
// @see https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile
import type { SampleNode, SampleTree } from "../place/sample-tree.js";

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { functionName: string; scriptId: string; url: string; lineNumber: number; columnNumber: number };
  readonly hitCount: number;
  readonly children: number[];
}

/** The content of a `.cpuprofile` file. */
export interface CpuProfile {
  readonly nodes: ProfileNode[];
  readonly startTime: number;
  readonly endTime: number;
  readonly samples: number[];
  readonly timeDeltas: number[];
}

/** The samples of one function follow each other. The profile shows how long they stand for, not when they were taken. */
export function cpuProfile(tree: SampleTree): CpuProfile {
  const profile: CpuProfile & { endTime: number } = { nodes: [], startTime: 0, endTime: 0, samples: [], timeDeltas: [] };
  const add = (node: SampleNode): number => {
    const id = profile.nodes.length + 1;
    const children: number[] = [];
    const { frame } = node;
    profile.nodes.push({
      id,
      callFrame: {
        functionName: frame ? frame.function : "(root)",
        scriptId: "0",
        url: frame?.file ?? "",
        // The protocol counts lines and columns from 0.
        lineNumber: (frame?.line ?? 0) - 1,
        columnNumber: (frame?.column ?? 0) - 1,
      },
      hitCount: node.self,
      children,
    });
    for (let sample = 0; sample < node.self; sample++) {
      const delta = Math.round((node.selfMs / node.self) * 1000);
      profile.samples.push(id);
      profile.timeDeltas.push(delta);
      profile.endTime += delta;
    }
    for (const child of node.children.values()) children.push(add(child));
    return id;
  };
  add(tree.root);
  return profile;
}
