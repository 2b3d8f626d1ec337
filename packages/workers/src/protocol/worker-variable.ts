// The variable that tells a preload, such as one that watches event loops, that its process is a worker of a pool or of an
// actor. The entry removes it, so that processes which a task starts do not have it.

export const WORKER_VARIABLE = "OFFLOOP_WORKER";
