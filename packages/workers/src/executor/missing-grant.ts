// Names the grant that is missing where Node refuses something under `--permission`. Node itself names it from version 22 on.

const grants: Readonly<Record<string, string>> = { WorkerThreads: "--allow-worker", ChildProcess: "--allow-child-process", FileSystemRead: "--allow-fs-read", FileSystemWrite: "--allow-fs-write", Inspector: "--allow-inspector" };

/** The grant, in parentheses after a space; for an error of another kind, an empty string. */
export function missingGrant(error: unknown): string {
  const { code, permission } = (error ?? {}) as { code?: unknown; permission?: unknown };
  const grant = code === "ERR_ACCESS_DENIED" ? grants[String(permission)] : undefined;
  if (grant === undefined) return "";
  return process.allowedNodeEnvironmentFlags.has(grant) ? ` (start Node with ${grant})` : ` (Node ${process.versions.node} has no ${grant})`;
}
