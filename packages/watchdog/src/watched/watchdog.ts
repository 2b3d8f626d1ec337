// What startWatchdog() returns.

/** A watchdog that was started. */
export interface Watchdog extends AsyncDisposable {
  /**
   * Resolves when the watching thread watches. A stall before that may not be seen. Keeps the process alive until
   * then. Rejects with `WatchdogFailedError` if the watching thread cannot be started.
   */
  ready(): Promise<void>;
  /**
   * Resolves when every stall that is over by now has been delivered to `onStall` and the channels. Ends a stall that
   * is still open. Rejects with `WatchdogFailedError` if the watching thread has ended by itself.
   */
  flush(): Promise<void>;
  /**
   * Ends the heartbeat and the watching thread. The promise resolves when all stalls until now have been delivered
   * and the thread has ended. A second call returns the same promise.
   */
  stop(): Promise<void>;
}
