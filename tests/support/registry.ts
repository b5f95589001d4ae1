import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buildImages } from "./images.ts";
import { findProgram } from "./programs.ts";

/** A user whom a registry knows, and does not let read. */
const FORBIDDEN_USER = "guest";

/** An image registry on loopback that wants a user and has `team/app:1`. */
export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`, over plain HTTP as containerd takes it there. */
  readonly host: string;
}

/** What the registry asks for. */
export interface RegistryOptions {
  readonly username: string;
  readonly password: string;
  /** How long a layer takes. */
  readonly slowMs: number;
}

/**
 * Starts a registry with as much of the OCI distribution API as a pull needs.
 *
 * Source: opencontainers/distribution-spec.
 */
export async function startRegistry(options: RegistryOptions): Promise<TestRegistry> {
  const busybox = findProgram("busybox");
  if (busybox === undefined) throw new Error("busybox not found");
  // The layer with busybox may be there already; this one is not, and is large enough to be slow.
  const script = `#!/bin/sh\n# ${"x".repeat(400_000)}\n`;
  const image = { name: "team/app:1", entrypoint: ["/bin/true"], script };
  const { blobs, manifests: [manifest] } = buildImages([image], busybox);
  if (manifest === undefined) throw new Error("no image was built");
  const expected = `Basic ${
    Buffer.from(`${options.username}:${options.password}`).toString("base64")
  }`;

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    if (userOf(request) === FORBIDDEN_USER) {
      response.writeHead(403).end();
      return;
    }
    if (request.headers.authorization !== expected) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
      return;
    }
    const [, kind, reference = ""] =
      /^\/v2\/team\/app\/(manifests|blobs)\/([^?]+)/.exec(request.url ?? "") ?? [];
    const digest = kind === "manifests" && reference === "1" ? manifest.digest : reference;
    const blob = blobs.get(digest);
    if (kind === undefined || blob === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      "content-type": digest === manifest.digest ? manifest.mediaType : "application/octet-stream",
      "content-length": blob.length,
      "docker-content-digest": digest,
    });
    if (request.method === "HEAD") {
      response.end();
    } else if (blob.length < 100_000) {
      response.end(blob);
    } else {
      response.write(blob.subarray(0, blob.length / 2));
      setTimeout(() => response.end(blob.subarray(blob.length / 2)), options.slowMs);
    }
  };

  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // It listens on a TCP port, so this is no path.
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function userOf({ headers }: IncomingMessage): string | undefined {
  const encoded = /^Basic (.+)$/.exec(headers.authorization ?? "")?.[1];
  return encoded && Buffer.from(encoded, "base64").toString().split(":", 1)[0];
}
