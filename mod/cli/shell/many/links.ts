/** The way to many nodes: one link each, opened a few at a time. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AgentRequest, type Transport, unixTransport } from "../../../api/client/mod.ts";
import { AgentUnreachable, errorText } from "../../../core/mod.ts";
import { type NodeLink, openLink } from "../../../fleet/link/mod.ts";
import type { NodeEntry } from "../../../fleet/nodes/mod.ts";
import { unixGet } from "../../../os/local_get.ts";
import type { RemoteNode } from "../context.ts";

/** How many nodes are connected to at the same time. */
export const MAX_AT_ONCE = 16;

/** A node that is connected. */
export interface LinkedNode extends RemoteNode {
  /** Version of podstead on it. */
  readonly version: string;
  /** `read` if only what is not secret may be seen. */
  readonly access: "admin" | "read";
  /** Ends the connection before the others. */
  close(): void;
}

/** Opens links, and closes all of them at its end. */
export interface Links {
  /** @throws {PodsteadError} if the node cannot be reached */
  open(node: NodeEntry): Promise<LinkedNode>;
  close(): Promise<void>;
}

/**
 * Links in a directory of this user alone.
 *
 * @param limitMs how long one may take to be opened
 * @param signal ends what is being opened
 */
export async function openLinks(limitMs: number, signal?: AbortSignal): Promise<Links> {
  const directory = await mkdtemp(join(tmpdir(), "podstead-"));
  const links: NodeLink[] = [];
  const places = new Places(MAX_AT_ONCE);
  let number = 0;
  return {
    async open(node) {
      await using _place = await places.take();
      const link = await openLink(node, {
        limitMs,
        directory,
        number: number += 1,
        signal,
      });
      links.push(link);
      return linkedNode(node.name, link);
    },
    async close() {
      for (const link of links) link.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function linkedNode(name: string, link: NodeLink): LinkedNode {
  return {
    name,
    version: link.hello.version,
    access: link.hello.access ?? "read",
    absence: link.absence,
    transport: linkTransport(link),
    run: (args) => link.run(args),
    close: () => link.close(),
    async localUrl(url) {
      const at = new URL(url);
      at.port = String(await link.forwardPort(Number(at.port)));
      at.hostname = "127.0.0.1";
      return at.href;
    },
  };
}

/** The transport over a link: what broke it is said as the node's end, or ssh, says it. */
function linkTransport(link: NodeLink): Transport {
  const over = unixTransport(link.socketPath, unixGet, "The agent");
  return {
    target: over.target,
    async send(request: AgentRequest) {
      if (link.absence !== undefined) throw link.absence;
      try {
        return await over.send(request);
      } catch (error) {
        request.signal?.throwIfAborted();
        const failure = link.failure();
        if (failure === undefined) throw error;
        throw new AgentUnreachable(`The agent does not answer: ${failure || errorText(error)}`, {
          cause: error,
        });
      }
    },
  };
}

/** A number of places; taking one waits until one is free. */
export class Places {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Disposed of to give the place back. */
  async take(): Promise<AsyncDisposable> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return {
      [Symbol.asyncDispose]: () => {
        const next = this.#waiting.shift();
        if (next === undefined) this.#free += 1;
        else next();
        return Promise.resolve();
      },
    };
  }
}
