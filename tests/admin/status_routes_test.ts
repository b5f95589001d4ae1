/** What the admin API says of the pods' status, with real parts behind it and no node. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Hono } from "hono";
import { Registry } from "prom-client";
import { statusRoutes } from "../../mod/admin/status_routes.ts";
import {
  type Overview,
  PATHS,
  type PodEvent,
  type PodReport,
  STATUS_OF_ERROR,
  type WaitProgress,
} from "../../mod/admin/mod.ts";
import { EMPTY_STATE, ResourceStore } from "../../mod/agent/mod.ts";
import { EventLog, FetchLog, PropagationTracker, StatusService } from "../../mod/observe/mod.ts";
import { Inspector } from "../../mod/explain/mod.ts";
import { defaultSettings } from "../../mod/config/mod.ts";
import { PodsteadError, systemClock } from "../../mod/core/mod.ts";
import { connectRuntime } from "../../mod/cri/mod.ts";
import { kubeletClient } from "../../mod/kubelet/mod.ts";
import { silentLogger } from "../../mod/os/mod.ts";
import { freePort } from "../support/node.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";

describe("statusRoutes()", () => {
  let directory: TempDir;
  let events: EventLog;
  let app: Hono;
  const closing = new AbortController();
  const runtime = connectRuntime({ endpoint: "unix:///nonexistent/podstead.sock" });

  before(async () => {
    directory = await makeTempDir("status-routes");
    const closed = `http://127.0.0.1:${await freePort()}`;
    const kubelet = kubeletClient({ endpoint: closed, healthzEndpoint: closed });
    events = await EventLog.open({
      clock: systemClock,
      log: silentLogger,
      directory: directory.path,
    });
    const changes = new PropagationTracker({
      clock: systemClock,
      events,
      registry: new Registry(),
      look: () => Promise.resolve(),
      served: [],
    });
    const web = {
      id: "default-web",
      namespace: "default",
      name: "web",
      pod: { spec: { containers: [{ name: "main", image: "busybox" }] } },
      hash: "h1",
      revision: 1,
      sinceMs: Date.now(),
      source: { file: "c.yaml", line: 3 },
    };
    const state = () => ({ ...EMPTY_STATE, revision: 1, pods: [web] });
    const status = new StatusService({
      clock: systemClock,
      store: new ResourceStore(systemClock),
      fetches: new FetchLog(),
      state,
      settings: () => defaultSettings({ hostname: "node-1", address: "10.0.0.1" }),
      kubeletPods: (signal) => kubelet.pods({ signal }),
      runtimePods: () => Promise.reject(new PodsteadError("runtime-unavailable", "No runtime")),
      heldBack: () => new Map(),
    });
    const inspector = new Inspector({
      status,
      state,
      sources: () => ({ runtime, kubelet, url: "http://127.0.0.1:10261/manifests" }),
      events,
      changes,
    });
    app = new Hono();
    app.onError((error, c) =>
      c.text(error.message, STATUS_OF_ERROR[error instanceof PodsteadError ? error.code : "failed"])
    );
    const nodeName = () => "node-1";
    statusRoutes({
      clock: systemClock,
      status,
      inspector,
      events,
      nodeName,
      closing: closing.signal,
    })(app);
  });
  after(async () => {
    runtime.close();
    await events.close();
    await directory.remove();
  });

  const get = async <T>(path: string): Promise<T> => {
    const response = await app.request(path);
    assert.equal(response.status, 200);
    return await response.json();
  };
  const lines = async <T>(path: string): Promise<readonly T[]> => {
    const text = await (await app.request(path)).text();
    return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  };

  it("explains a pod of which no source can tell anything", async () => {
    const report = await get<PodReport>(`${PATHS.describe}?pod=web`);
    assert.equal(report.id, "default/web-node-1");
    assert.equal(report.ready, "Unknown");
    assert.equal(report.runtimeFailure, "No runtime");
    assert.match(report.kubelet.failure ?? "", /No kubelet/);
    assert.equal(report.explanation.code, "kubelet-down");
    assert.equal(report.declared?.line, 3);
    assert.deepEqual(report.containers.map(({ name, state }) => [name, state]), [
      ["main", "absent"],
    ]);
  });

  it("names the faults of the node in the overview, and says of nothing that it is well", async () => {
    const { state, pods, causes, links } = await get<Overview>(PATHS.overview);
    assert.equal(state, "unwell");
    assert.deepEqual(pods.map(({ id, well }) => [id, well]), [["default/web-node-1", false]]);
    assert.deepEqual(
      causes.map(({ code }) => code),
      ["runtime-down", "kubelet-down", "config-unconfirmed"],
    );
    assert.deepEqual(
      links.map(({ name, state }) => `${name} ${state}`),
      ["config unknown", "agent holds", "kubelet broken", "polls unknown", "runtime broken"],
    );
  });

  const wait = async (body: unknown): Promise<readonly WaitProgress[]> => {
    const text = await (await app.request(PATHS.wait, post(body))).text();
    return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  };
  const post = (body: unknown) => ({ method: "POST", body: JSON.stringify(body) });

  it("ends a wait when its time is up, with the pods that were not ready", async () => {
    const progress = await wait({ timeoutMs: 50, settleMs: 0, pods: [] });
    assert.deepEqual(
      progress.map(({ done, settled, waitingFor: [pod] }) => [done, settled, pod?.id]),
      [[false, false, "default/web-node-1"], [true, false, "default/web-node-1"]],
    );
    assert.equal(progress.at(-1)?.pods[0]?.explanation?.code, "kubelet-down");
  });

  it("gives the events of the pod that is named", async () => {
    for (const name of ["web", "db"]) {
      events.record({ type: "ready", namespace: "default", name, message: "Ready" });
    }
    const named = await lines<PodEvent>(`${PATHS.events}?pod=default-db`);
    assert.deepEqual(named.map(({ name }) => name), ["db"]);
    assert.equal((await lines<PodEvent>(PATHS.events)).length, 2);
  });

  it("refuses what it cannot understand", async () => {
    const statusOf = async (path: string) => (await app.request(path)).status;
    assert.equal(await statusOf(PATHS.describe), 400);
    assert.equal(await statusOf(`${PATHS.describe}?pod=nothing`), 404);
    const good = { timeoutMs: 1, settleMs: 0, pods: [] };
    for (
      const bad of [
        "text",
        { ...good, timeoutMs: -1 },
        { ...good, settleMs: 1e9 },
        { ...good, pods: [{ name: "web" }] },
      ]
    ) {
      assert.equal((await app.request(PATHS.wait, post(bad))).status, 400, JSON.stringify(bad));
    }
  });

  it("ends followed events and waits when the agent stops", async () => {
    const following = lines<PodEvent>(`${PATHS.events}?follow=true`);
    const waiting = wait({ timeoutMs: 3_600_000, settleMs: 0, pods: [] });
    setTimeout(() => closing.abort(), 50);
    assert.equal((await following).length, 2);
    assert.equal((await waiting).at(-1)?.done, false);
  });
});
