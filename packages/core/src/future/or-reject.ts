// orReject(): turns the error of a wrong call into a rejection, for functions that return a future or a promise.
import { Future } from "./future.js";

/** The result of `make`, or a future that rejects with the error that `make` throws. */
export function orReject<P extends Promise<unknown>>(make: () => P): P {
  try {
    return make();
  } catch (error) {
    const failed = new Future<never>();
    failed.setException(error);
    return failed as Promise<unknown> as P;
  }
}
