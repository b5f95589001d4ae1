import { PodsteadError } from "../core/mod.ts";

/** Where containerd listens unless told otherwise. */
export const DEFAULT_ENDPOINT = "unix:///run/containerd/containerd.sock";

/**
 * The socket path of a runtime endpoint: `unix:///run/containerd/containerd.sock`
 * or the bare absolute path.
 *
 * @throws {PodsteadError} `config` for anything that is not a unix socket.
 */
export function socketPath(endpoint: string): string {
  const path = endpoint.startsWith("unix://") ? endpoint.slice("unix://".length) : endpoint;
  if (path.startsWith("/")) return path;
  throw new PodsteadError(
    "config",
    `The runtime endpoint must be the absolute path of a unix socket, current value is "${endpoint}"`,
    { hint: `Write it as "${DEFAULT_ENDPOINT}"` },
  );
}
