/** Server and client of the admin API over a real unix socket. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { chmod, stat, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { join } from "node:path";
import process from "node:process";
import {
  type AgentClient,
  agentClient,
  type Transport,
  unixTransport,
} from "../../mod/api/client/mod.ts";
import { agentHandlers, createAdminApp } from "../../mod/api/server/mod.ts";
import { ResourceStore } from "../../mod/agent/mod.ts";
import { PodsteadError, systemClock } from "../../mod/core/mod.ts";
import { createHttpServer, type HttpServer, type HttpServerOptions } from "../../mod/http/mod.ts";
import { isSocketAlive, listenUnix } from "../../mod/os/mod.ts";
import { handlersWith } from "../support/admin_api.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";

const UNGOVERNED: HttpServerOptions = {
  limits: {
    total: 1_000,
    forRoot: 0,
    perUser: 1_000,
    firstRequestMs: 60_000,
    idleMs: 60_000,
    answerMs: undefined,
  },
  findUser: () => Promise.resolve(0),
};

describe("the admin API", () => {
  let directory: TempDir;
  let socket: string;
  let store: ResourceStore;
  let server: HttpServer;

  before(async () => {
    directory = await makeTempDir("admin");
    socket = join(directory.path, "run/admin.sock");
    store = new ResourceStore(systemClock);
    store.replace(
      "StaticPod",
      store.upcoming("StaticPod", [{ id: "a", spec: { user: 9007199254740993n } }]),
    );
    const handlers = agentHandlers({
      certificates: () => Promise.resolve([]),
      info: () => ({
        pid: 7,
        version: "1",
        node: { name: "n", address: "10.0.0.1" },
        configPath: "c",
        runtime: { endpoint: "unix:///r", timeoutMs: 1 },
        manifestUrl: "u",
        startedAt: "t",
      }),
      fetches: () => ({ listeningSinceMs: 1 }),
      store,
      reload: () => {
        throw new PodsteadError("config", "wrong", { hint: "fix it" });
      },
      plan: () => Promise.reject(new PodsteadError("failed", "not asked for")),
      refresh: () => Promise.resolve(),
      keepFresh: () => undefined,
    });
    const closing = new AbortController().signal;
    const app = createAdminApp(handlersWith(handlers), {
      version: "1",
      closing,
      access: "admin",
      onAct: () => undefined,
    });
    server = createHttpServer(app, UNGOVERNED);
    await listenUnix(server.listener, { path: socket, mode: 0o660, gid: process.getgid?.() });
  });
  after(async () => {
    await server.close(0);
    await directory.remove();
  });

  it("has its mode from birth, and no hidden name is left", async () => {
    assert.equal((await stat(socket)).mode & 0o777, 0o660);
    assert.equal(await isSocketAlive(socket), true);
    assert.equal(await isSocketAlive(join(directory.path, "other.sock")), false);
  });

  it("lists resources with their node, int64 exact", async () => {
    const list = await agentClient(unixTransport(socket)).resources({ type: "StaticPod" });
    assert.equal(list.items[0]?.node, "10.0.0.1");
    assert.equal(list.items[0]?.spec.user, 9007199254740993n);
  });

  it("keeps code, message and hint of an error across the socket", async () => {
    await assert.rejects(agentClient(unixTransport(socket)).reload({}), {
      code: "config",
      message: "wrong",
      hint: "fix it",
    });
  });

  it("names unknown types and paths", async () => {
    const ask = async (path: string) => {
      const request = { method: "GET", path, streams: false } as const;
      return await (await unixTransport(socket).send(request)).text();
    };
    assert.match(await ask("/v1/resources/Pod"), /type: must be one of StaticPod, /);
    assert.match(await ask("/v9/agent"), /The agent does not know GET \/v9\/agent/);
  });

  it("streams changes to a watcher until it leaves", async () => {
    const stop = new AbortController();
    const watching = agentClient(unixTransport(socket))
      .watch({ type: "StaticPod" }, { signal: stop.signal });
    const events: string[] = [];
    const reading = (async () => {
      for await (const { event, resource } of watching) {
        events.push(`${event} ${resource.id}`);
        if (events.length === 1) {
          store.replace("StaticPod", store.upcoming("StaticPod", [{ id: "b", spec: {} }]));
        }
        if (events.length === 3) stop.abort();
      }
    })();
    await assert.rejects(reading);
    assert.deepEqual(events, ["created a", "destroyed a", "created b"]);
  });

  it("tells its version with every answer, of which a client warns once", async () => {
    const warnings: string[] = [];
    const client = (version: string) =>
      agentClient(unixTransport(socket), {
        version,
        onOtherVersion: (other) => warnings.push(other),
      });
    await client("1").agent({});
    assert.deepEqual(warnings, []);
    const older = client("0.9");
    await older.agent({});
    await assert.rejects(older.reload({}));
    assert.deepEqual(warnings, ["1"]);
  });

  for (
    const [title, headers] of [
      ["a foreign Host", { Host: "evil.example" }],
      ["an Origin", { Host: "podstead", Origin: "http://evil.example" }],
    ] as const
  ) {
    it(`refuses a request with ${title}`, async () => {
      const status = await new Promise((resolve, reject) => {
        request({ socketPath: socket, path: "/v1/agent", headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).once("error", reject).end();
      });
      assert.equal(status, 403);
    });
  }
});

/** The first event, which a stream begins with. */
async function firstOf(client: AgentClient): Promise<unknown> {
  for await (const event of client.events({})) return event;
  return undefined;
}

async function* bytes(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new TextEncoder().encode("[]"));
}

describe("agentClient()", () => {
  it("says that nobody listens on a stale socket, or on none", async () => {
    await using directory = await makeTempDir("client");
    const stale = join(directory.path, "stale.sock");
    await writeFile(stale, "");
    for (const path of [stale, join(directory.path, "none.sock")]) {
      await assert.rejects(agentClient(unixTransport(path)).agent({}), {
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
      agentClient(unixTransport(path)).agent({}),
      (error: PodsteadError) => /different versions/.test(error.hint ?? ""),
    );
    other.closeAllConnections();
    other.close();
  });

  it("says that an agent that hangs did not answer in time", async () => {
    const hanging: Transport = {
      target: "The agent",
      send: ({ signal }) =>
        new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
    };
    await assert.rejects(agentClient(hanging, { limitMs: 20 }).agent({}), {
      code: "agent-unreachable",
      message: "The agent did not answer within 0.02 s",
    });
  });

  it("says so of an agent that does not even say who it is, long before the limit", async () => {
    const hanging: Transport = {
      target: "The agent",
      send: ({ signal }) =>
        new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
    };
    for (
      const act of [() => agentClient(hanging).plan({}), () => firstOf(agentClient(hanging))]
    ) {
      await assert.rejects(act, {
        code: "agent-unreachable",
        message: "The agent hangs: it takes connections and says nothing",
      });
    }
  });

  it("waits for an agent that takes its time and says who it is", async () => {
    let signs = 0;
    const slow: Transport = {
      target: "The agent",
      async send({ path }) {
        const isSign = path.endsWith("/agent");
        if (isSign) signs += 1;
        else while (signs < 2) await new Promise((resolve) => setTimeout(resolve, 10));
        return { status: 200, version: undefined, text: () => Promise.resolve("[]"), bytes };
      },
    };
    assert.deepEqual(await agentClient(slow).history({}), []);
    assert.ok(signs >= 2);
  });
});
