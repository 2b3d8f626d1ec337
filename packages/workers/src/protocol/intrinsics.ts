// What user code may replace on the global object of its worker, as it was when the worker started.

export const NativePromise = Promise;
