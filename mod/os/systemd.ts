import { errorText, SerialQueue } from "../core/mod.ts";
import { type NotifySend, openNotifySocket } from "./notify_socket.ts";

/**
 * Tells the service manager how the agent is. Messages arrive in the order of
 * the calls; nothing throws, a failure is told once to `onProblem`.
 *
 * Source of the protocol: sd_notify(3).
 */
export interface Notifier {
  /** How often `alive` must be called, in milliseconds; undefined: no watchdog is set. */
  readonly watchdogMs: number | undefined;
  /** The agent serves; after `reloading` it says that the reload is over. */
  ready(status: string): Promise<void>;
  /** A reload begins; `ready` must follow, whatever comes of it. */
  reloading(status: string): Promise<void>;
  /** The agent is going down on purpose. */
  stopping(status: string): Promise<void>;
  /** The line that `systemctl status` shows. */
  status(text: string): Promise<void>;
  /** Resets the watchdog. */
  alive(): Promise<void>;
}

/** What a notifier is made from. */
export interface NotifierDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** This process, which the watchdog may or may not be meant for. */
  readonly pid: number;
  /** Called at most once, with one sentence. */
  readonly onProblem: (message: string) => void;
  /** For tests; default: the real socket. */
  readonly open?: (path: string) => Promise<NotifySend>;
}

/** The notifier of this process; one that does nothing where no service manager listens. */
export async function createNotifier(deps: NotifierDeps): Promise<Notifier> {
  const { env, pid, onProblem, open = openNotifySocket } = deps;
  const path = env["NOTIFY_SOCKET"] ?? "";
  const send = path === "" ? undefined : await open(path);
  const queue = new SerialQueue();
  let reported = false;

  const notify = (...assignments: readonly string[]): Promise<void> => {
    if (send === undefined) return Promise.resolve();
    return queue.run(async () => {
      try {
        await send(assignments.join("\n"));
      } catch (error) {
        if (!reported) onProblem(`Cannot notify the service manager: ${errorText(error)}`);
        reported = true;
      }
    });
  };
  return {
    watchdogMs: send === undefined ? undefined : watchdogInterval(env, pid),
    ready: (status) => notify("READY=1", statusLine(status)),
    reloading: (status) => notify("RELOADING=1", statusLine(status)),
    stopping: (status) => notify("STOPPING=1", statusLine(status)),
    status: (text) => notify(statusLine(text)),
    alive: () => notify("WATCHDOG=1"),
  };
}

/** A third of the limit: one late or lost message does not cost the service its life. */
function watchdogInterval(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): number | undefined {
  const meantFor = env["WATCHDOG_PID"];
  if (meantFor !== undefined && meantFor !== String(pid)) return undefined;
  const limitUsec = Number(env["WATCHDOG_USEC"]);
  return limitUsec > 0 ? Math.floor(limitUsec / 3000) : undefined;
}

function statusLine(text: string): string {
  return `STATUS=${text.replace(/\s+/g, " ").trim()}`;
}
