/** Server and client of the admin API over a real unix socket. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { chmod, stat, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { createAdminApp } from "../../mod/admin/server.ts";
import {
  agentClient,
  PATHS,
  type WireEvent,
  type WireList,
  type WireResource,
} from "../../mod/admin/mod.ts";
import { ResourceStore } from "../../mod/agent/mod.ts";
import { parseJson, PodsteadError, systemClock } from "../../mod/core/mod.ts";
import { closeServer, createHttpServer } from "../../mod/http/mod.ts";
import { isSocketAlive, listenUnix } from "../../mod/os/mod.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";

describe("the admin API", () => {
  let directory: TempDir;
  let socket: string;
  let store: ResourceStore;
  let server: ReturnType<typeof createHttpServer>;

  before(async () => {
    directory = await makeTempDir("admin");
    socket = join(directory.path, "run/admin.sock");
    store = new ResourceStore(systemClock);
    store.replace(
      "StaticPod",
      store.upcoming("StaticPod", [{ id: "a", spec: { user: 9007199254740993n } }]),
    );
    const app = createAdminApp({
      info: () => ({
        pid: 7,
        version: "1",
        node: { name: "n", address: "10.0.0.1" },
        configPath: "c",
        runtime: { endpoint: "unix:///r", timeoutMs: 1 },
        manifestUrl: "u",
        startedAt: "t",
      }),
      store,
      reload: () => {
        throw new PodsteadError("config", "wrong", { hint: "mend it" });
      },
      dryRun: () => Promise.reject(new PodsteadError("failed", "not asked for")),
      refresh: () => Promise.resolve(),
      keepFresh: () => undefined,
      closing: new AbortController().signal,
    });
    server = createHttpServer(app);
    await listenUnix(server, { path: socket, mode: 0o660, gid: 0 });
  });
  after(async () => {
    await closeServer(server, 0);
    await directory.remove();
  });

  it("has its mode from birth, and no hidden name is left", async () => {
    assert.equal((await stat(socket)).mode & 0o777, 0o660);
    assert.equal(await isSocketAlive(socket), true);
    assert.equal(await isSocketAlive(join(directory.path, "other.sock")), false);
  });

  it("lists resources with their node, int64 exact", async () => {
    const list = await agentClient(socket)
      .call<WireList<WireResource>>("GET", PATHS.resources("StaticPod"));
    assert.equal(list.items[0]?.node, "10.0.0.1");
    assert.equal(list.items[0]?.spec.user, 9007199254740993n);
  });

  it("keeps code, message and hint of an error across the socket", async () => {
    await assert.rejects(agentClient(socket).call("POST", PATHS.reload), {
      code: "config",
      message: "wrong",
      hint: "mend it",
    });
  });

  it("names unknown types and paths", async () => {
    const client = agentClient(socket);
    await assert.rejects(client.call("GET", PATHS.resources("Pod")), { code: "not-found" });
    await assert.rejects(client.call("GET", "/v9/agent"), { code: "not-found" });
  });

  it("streams changes to a watcher until it leaves", async () => {
    const stop = new AbortController();
    const bytes = await agentClient(socket)
      .stream(`${PATHS.resources("StaticPod")}?watch=true`, { signal: stop.signal });
    const events: string[] = [];
    const reading = (async () => {
      let text = "";
      for await (const chunk of bytes) {
        text += Buffer.from(chunk).toString("utf8");
        for (; text.includes("\n"); text = text.slice(text.indexOf("\n") + 1)) {
          const line = parseJson(text.slice(0, text.indexOf("\n"))) as unknown as WireEvent;
          events.push(`${line.event} ${line.resource.id}`);
          if (events.length === 1) {
            store.replace("StaticPod", store.upcoming("StaticPod", [{ id: "b", spec: {} }]));
          }
          if (events.length === 3) stop.abort();
        }
      }
    })();
    await assert.rejects(reading);
    assert.deepEqual(events, ["created a", "destroyed a", "created b"]);
  });

  for (
    const [title, headers] of [
      ["a foreign Host", { Host: "evil.example" }],
      ["an Origin", { Host: "podstead", Origin: "http://evil.example" }],
    ] as const
  ) {
    it(`refuses a request with ${title}`, async () => {
      const status = await new Promise((resolve, reject) => {
        request({ socketPath: socket, path: PATHS.agent, headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).once("error", reject).end();
      });
      assert.equal(status, 403);
    });
  }
});

describe("agentClient()", () => {
  it("says that nobody listens on a stale socket, or on none", async () => {
    await using directory = await makeTempDir("client");
    const stale = join(directory.path, "stale.sock");
    await writeFile(stale, "");
    for (const path of [stale, join(directory.path, "none.sock")]) {
      await assert.rejects(agentClient(path).call("GET", PATHS.agent), {
        name: "AgentUnreachable",
        code: "agent-unreachable",
      });
    }
    await chmod(stale, 0o600);
  });

  it("takes an answer that is not the agent's for a version that does not fit", async () => {
    await using directory = await makeTempDir("client");
    const path = join(directory.path, "other.sock");
    const other = createServer((_request, response) => {
      response.statusCode = 404;
      response.end("<html>");
    });
    await listenUnix(other, { path, mode: 0o600, gid: undefined });
    await assert.rejects(
      agentClient(path).call("GET", PATHS.agent),
      (error: PodsteadError) => /different versions/.test(error.hint ?? ""),
    );
    await closeServer(other, 0);
  });
});
