// Globals as they were when the worker started, because user code may replace them.

export const NativePromise = Promise;
