/** Bytes that are hardly HTTP, on both servers of a running agent: it answers the honest all the while. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { ROUTES } from "../../mod/api/contract/mod.ts";
import { TestNode } from "../support/node.ts";
import { fuzz } from "./fuzz.ts";

const POLL = "GET /manifests HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer secret\r\n" +
  "User-Agent: Go-http-client/1.1\r\nAccept-Encoding: gzip\r\n\r\n";
const BODIES = [
  {},
  { pod: "default/web" },
  { id: "default/web:c", command: ["true"], follow: false, since: "1h", tail: 5 },
  { operations: [{ kind: "remove", pod: "default/nothing" }], wait: false, dryRun: true },
];

/** One good request for every route of the admin API. */
const ADMIN = Object.values(ROUTES).flatMap(({ method, path }) => {
  const target = path.replace(":type", "staticpods");
  if (method === "GET") return [`GET ${target}?pod=web HTTP/1.1\r\nHost: podstead\r\n\r\n`];
  return BODIES.map((body) => {
    const text = JSON.stringify(body);
    return `POST ${target} HTTP/1.1\r\nHost: podstead\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${text.length}\r\n\r\n${text}`;
  });
});

/** An answer that has not begun by then is not waited for: a request that is not whole has none. */
const PATIENCE_MS = 20;
/** How much memory the unit leaves to the agent. */
const MEMORY_LIMIT_MB = 384;

/** Sends bytes on a connection of their own, and hangs up after the first bytes of an answer. */
function send(to: { port: number; host: string } | { path: string }, bytes: Uint8Array) {
  return new Promise<void>((resolve) => {
    const socket = connect(to, () => socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), PATIENCE_MS);
    socket.once("data", () => socket.destroy());
    // Being hung up on is what such a caller may expect.
    socket.on("error", () => undefined);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

describe("hostile bytes on the agent's servers", () => {
  let node: TestNode;
  before(async () => {
    node = await TestNode.create();
    node.tokenFile = join(node.directory, "token");
    writeFileSync(node.tokenFile, "secret\n");
    node.writePods(
      "- {apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [" +
        "{name: c, image: nginx}]}}",
    );
    await node.startAgent();
  });
  after(() => node.close());

  async function answersTheHonest(pid: number): Promise<void> {
    const url = `http://127.0.0.1:${node.port}/manifests`;
    const answer = await fetch(url, { headers: { Authorization: "Bearer secret" } });
    assert.match(await answer.text(), /"name":"web"/);
    const { code, stderr } = await node.podstead("get", "staticpods");
    assert.equal(code, 0, stderr);
    assert.equal(node.agentPid, pid);
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    assert.ok(pages * 4096 / 1e6 < MEMORY_LIMIT_MB, `${pages} pages`);
  }

  for (const door of ["endpoint", "admin socket"] as const) {
    it(`cost nothing on the ${door}`, async () => {
      const pid = node.agentPid;
      let pending: Promise<void>[] = [];
      await fuzz({
        corpus: door === "endpoint" ? [POLL, `${POLL}${POLL}`] : ADMIN,
        take: async (input) => {
          const to = door === "endpoint"
            ? { host: "127.0.0.1", port: node.port }
            : { path: node.socket };
          pending.push(send(to, input));
          if (pending.length < 16) return;
          await Promise.all(pending);
          pending = [];
        },
      });
      await Promise.all(pending);
      await answersTheHonest(pid);
    });
  }
});
