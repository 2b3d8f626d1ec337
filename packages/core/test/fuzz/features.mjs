// The optional kinds of operations in programs. Tasks, futures, sleeps, cancellations, callbacks and try blocks are
// always possible. With fewer kinds, programs are smaller and easier to read.
export const FEATURES = ["gather", "timeout", "donecb", "who", "tasks", "eager", "wait", "waitfor", "shield", "completed", "group", "lock", "semaphore", "event", "condition", "barrier", "queue", "call", "within", "leftover"];
