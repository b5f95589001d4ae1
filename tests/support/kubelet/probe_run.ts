import { connect } from "node:net";
import type { ContainerSpec, ProbeSpec } from "./pod.ts";

/** What a probe reaches a container with. */
export interface ProbeReach {
  /** Address of the pod. */
  readonly host: string;
  /** Runs a command in the container. @returns its exit code */
  readonly exec: (command: readonly string[], timeoutMs: number) => Promise<number>;
}

/**
 * Runs one probe once.
 *
 * @throws {Error} with the reason when it fails
 */
export async function runProbe(
  probe: ProbeSpec,
  container: ContainerSpec,
  timeoutMs: number,
  reach: ProbeReach,
): Promise<void> {
  if (probe.exec !== undefined) {
    const code = await reach.exec(probe.exec.command ?? [], timeoutMs);
    if (code !== 0) throw new Error(`command exited with ${code}`);
  } else if (probe.tcpSocket !== undefined) {
    const { host = reach.host, port } = probe.tcpSocket;
    await dial(host, portNumber(port, container), timeoutMs);
  } else if (probe.httpGet !== undefined) {
    const { host = reach.host, port, path = "/", scheme = "HTTP" } = probe.httpGet;
    const url = `${scheme.toLowerCase()}://${host}:${portNumber(port, container)}${path}`;
    const response = await fetch(url, {
      signal: AbortSignal.timeout(timeoutMs),
      redirect: "manual",
    });
    await response.body?.cancel();
    if (response.status < 200 || response.status >= 400) {
      throw new Error(`HTTP probe failed with statuscode: ${response.status}`);
    }
  }
}

function dial(host: string, port: number, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => socket.destroy(new Error("i/o timeout")), timeoutMs);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.destroy();
      resolve();
    });
    socket.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

function portNumber(port: number | string, container: ContainerSpec): number {
  if (typeof port === "number") return port;
  const named = container.ports?.find(({ name }) => name === port);
  if (named === undefined) throw new Error(`no port is named ${JSON.stringify(port)}`);
  return named.containerPort;
}
