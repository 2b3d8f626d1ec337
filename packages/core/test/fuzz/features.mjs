// The kinds of op that programs are made of, beyond those that are always there: tasks, futures,
// sleeps, cancels, callbacks and try blocks. Fewer of them make smaller programs to look at.
export const FEATURES = ["gather", "timeout", "donecb", "who", "tasks", "eager", "wait", "waitfor", "shield", "completed", "group", "lock", "semaphore", "event", "condition", "barrier", "queue"];
