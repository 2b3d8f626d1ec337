/** Of setup.mjs, for tests in TypeScript. */
export function workspaceManifests(): string[];
