import process from "node:process";

/** Exit code after a second SIGTERM or SIGINT: the user does not want to wait. */
const FORCED_EXIT = 1;

/**
 * Installs the handlers; resolves with the signal when the agent is to stop. A
 * second request to stop forces it.
 *
 * @param reload called on SIGHUP, must not reject; those that come while it runs
 * lead to one more call after it, however many they are
 */
export function onSignals(reload: () => Promise<unknown>): Promise<string> {
  process.on("SIGHUP", coalesced(reload));
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (signal: string) => {
      if (stopping) process.exit(FORCED_EXIT);
      stopping = true;
      resolve(signal);
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}

function coalesced(job: () => Promise<unknown>): () => Promise<void> {
  let running = false;
  let wanted = false;
  return async () => {
    wanted = true;
    if (running) return;
    running = true;
    while (wanted) {
      wanted = false;
      await job();
    }
    running = false;
  };
}
