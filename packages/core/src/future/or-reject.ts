// How a function that returns a future or a promise says that it was called wrongly: by rejection.
import { Future } from "./future.js";

/** What `make` gives, or a future that rejects with what `make` throws. */
export function orReject<P extends Promise<unknown>>(make: () => P): P {
  try {
    return make();
  } catch (error) {
    const failed = new Future<never>();
    failed.setException(error);
    return failed as Promise<unknown> as P;
  }
}
