/**
 * Nodes with a network of their own: a network namespace each, all on one bridge, and this machine
 * on it too. Where namespaces cannot be made each is an address of loopback.
 */
import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { findProgram } from "./programs.ts";

/** A node's place in the network. */
export interface NetworkPlace {
  readonly address: string;
  /** Its network namespace; undefined on loopback. */
  readonly namespace: string | undefined;
}

/** The network. */
export class TestNetwork {
  readonly places: readonly NetworkPlace[];
  /** The address by which nodes reach this machine. */
  readonly host: string;
  readonly #bridge: string | undefined;

  private constructor(
    places: readonly NetworkPlace[],
    host: string,
    bridge: string | undefined,
  ) {
    this.places = places;
    this.host = host;
    this.#bridge = bridge;
  }

  /** Makes as many places. */
  static make(count: number): TestNetwork {
    // Process IDs repeat between containers of one machine, and so would names made of them.
    const id = randomInt(0x1_0000).toString(16).padStart(4, "0");
    // Of the range for tests of network devices (RFC 2544).
    const subnet = `198.${18 + randomInt(2)}.${randomInt(256)}`;
    const bridge = `pst${id}`;
    const places = Array.from({ length: count }, (_, at): NetworkPlace => ({
      address: `${subnet}.${at + 1}`,
      namespace: `podstead-${id}-${at}`,
    }));
    const made = new TestNetwork(places, `${subnet}.254`, bridge);
    try {
      ip("link", "add", bridge, "type", "bridge");
      ip("address", "add", `${made.host}/24`, "dev", bridge);
      ip("link", "set", bridge, "up");
      for (const [at, { address, namespace = "" }] of places.entries()) {
        ip("netns", "add", namespace);
        ip(...["link", "add", linkOf(bridge, at), "type", "veth"], ...[
          ...["peer", "name", "eth0", "netns", namespace],
        ]);
        ip("link", "set", linkOf(bridge, at), "master", bridge, "up");
        ip("-n", namespace, "address", "add", `${address}/24`, "dev", "eth0");
        ip("-n", namespace, "link", "set", "eth0", "up");
        ip("-n", namespace, "link", "set", "lo", "up");
      }
      return made;
    } catch {
      made.close(); // not every container may make them, or has ip
      const range = 10 + randomInt(240);
      return new TestNetwork(
        places.map((_, at) => ({ address: `127.${range}.0.${at + 1}`, namespace: undefined })),
        "127.0.0.1",
        undefined,
      );
    }
  }

  /** For `it`: why no node can be cut off here; false if one can. */
  static skipReason(): false | string {
    const network = TestNetwork.make(1);
    const isReal = network.#bridge !== undefined;
    network.close();
    return isReal
      ? false
      : "no network namespaces can be made: it needs root, and apt-get install iproute2";
  }

  /** Cuts a node off: what is sent to it and by it is lost. */
  cut(at: number): void {
    if (this.#bridge !== undefined) ip("link", "set", linkOf(this.#bridge, at), "down");
  }

  /** Connects it again. */
  heal(at: number): void {
    if (this.#bridge !== undefined) ip("link", "set", linkOf(this.#bridge, at), "up");
  }

  close(): void {
    if (this.#bridge === undefined) return;
    for (const { namespace = "" } of this.places) tryIp("netns", "delete", namespace);
    for (const at of this.places.keys()) tryIp("link", "delete", linkOf(this.#bridge, at));
    tryIp("link", "delete", this.#bridge);
  }
}

/** A command as it is run in a namespace: in that of this process, if there is none. */
export function inNamespace(
  namespace: string | undefined,
  command: readonly string[],
): readonly [string, ...string[]] {
  const [program = "", ...args] = namespace === undefined
    ? command
    // Not by ip: it would put another /sys in the place of the one with cgroups.
    : [findProgram("nsenter") ?? "nsenter", `--net=/run/netns/${namespace}`, "--", ...command];
  return [program, ...args];
}

function linkOf(bridge: string, at: number): string {
  return `${bridge}-${at}`;
}

function ip(...args: readonly string[]): void {
  execFileSync(findProgram("ip") ?? "ip", args, { stdio: "pipe" });
}

function tryIp(...args: readonly string[]): void {
  try {
    ip(...args);
  } catch {
    // It was not made, or has gone with its namespace.
  }
}
