import process from "node:process";

/** What signals mean to the agent. */
export interface SignalActions {
  /** SIGHUP */
  readonly reload: () => void;
  /** The first SIGTERM or SIGINT. */
  readonly onStop: (signal: string) => void;
}

/** Exit code after a second SIGTERM or SIGINT: the user does not want to wait. */
const FORCED_EXIT = 1;

/** Installs the handlers; resolves when the agent is to stop. A second request to stop forces it. */
export function onSignals(actions: SignalActions): Promise<void> {
  process.on("SIGHUP", actions.reload);
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (signal: string) => {
      if (stopping) process.exit(FORCED_EXIT);
      stopping = true;
      actions.onStop(signal);
      resolve();
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}
