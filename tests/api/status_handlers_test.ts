/** What the admin API says of the pods' status, with real parts behind it and no node. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Registry } from "prom-client";
import { type AgentClient, agentClient } from "../../mod/api/client/mod.ts";
import { createAdminApp, statusHandlers } from "../../mod/api/server/mod.ts";
import { EMPTY_STATE, ResourceStore } from "../../mod/agent/mod.ts";
import { EventLog, FetchLog, PropagationTracker, StatusService } from "../../mod/observe/mod.ts";
import { Inspector } from "../../mod/explain/mod.ts";
import { defaultSettings } from "../../mod/config/mod.ts";
import { PodsteadError, systemClock } from "../../mod/core/mod.ts";
import { connectRuntime } from "../../mod/cri/mod.ts";
import { kubeletClient } from "../../mod/kubelet/mod.ts";
import { silentLogger } from "../../mod/os/mod.ts";
import { appTransport, handlersWith } from "../support/admin_api.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/node.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";

describe("statusHandlers()", () => {
  let directory: TempDir;
  let events: EventLog;
  let app: ReturnType<typeof createAdminApp>;
  let agent: AgentClient;
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
      served: { pods: [], etag: "" },
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
    const nodeName = () => "node-1";
    const trials = { state: {} };
    app = createAdminApp(
      handlersWith(
        statusHandlers({ clock: systemClock, status, inspector, events, nodeName, trials }),
      ),
      { version: "1", closing: closing.signal, access: "admin", onAct: () => undefined },
    );
    agent = agentClient(appTransport(app));
  });
  after(async () => {
    runtime.close();
    await events.close();
    await directory.remove();
  });

  it("explains a pod of which no source can tell anything", async () => {
    const report = await agent.describe({ pod: "web" });
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
    const { state, pods, causes, links } = await agent.overview({});
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

  it("ends a wait when its time is up, with the pods that were not ready", async () => {
    const progress = await Array.fromAsync(
      agent.wait({ timeoutMs: 2_000, settleMs: 0, pods: [] }), // longer than a first look takes
    );
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
    const named = await Array.fromAsync(agent.events({ pod: "default-db" }));
    assert.deepEqual(named.map(({ name }) => name), ["db"]);
    assert.equal((await Array.fromAsync(agent.events({}))).length, 2);
  });

  it("refuses what it cannot understand", async () => {
    await assert.rejects(agent.describe({ pod: "" }), {
      code: "usage",
      message: "The request is not as agreed: pod: must not be empty",
    });
    await assert.rejects(agent.describe({ pod: "nothing" }), { code: "not-found" });
    const good = { timeoutMs: 1, settleMs: 0, pods: [] };
    for (
      const bad of [
        "text",
        { ...good, timeoutMs: -1 },
        { ...good, settleMs: 1e9 },
        { ...good, pods: [{ name: "web" }] },
      ]
    ) {
      const { status } = await app.request("/v1/wait", {
        method: "POST",
        headers: { Host: "podstead" },
        body: JSON.stringify(bad),
      });
      assert.equal(status, 400, JSON.stringify(bad));
    }
  });

  it("ends followed events and waits when the agent stops", async () => {
    const told: unknown[] = [];
    const progress: { readonly done: boolean }[] = [];
    const collect = async <T>(from: AsyncIterable<T>, into: T[]) => {
      for await (const one of from) into.push(one);
    };
    const ended = Promise.all([
      collect(agent.events({ follow: true }), told),
      collect(agent.wait({ timeoutMs: 3_600_000, settleMs: 0, pods: [] }), progress),
    ]);
    await eventually(() => assert.deepEqual([told.length, progress.length > 0], [2, true]));
    closing.abort();
    await ended;
    assert.equal(told.length, 2);
    assert.equal(progress.at(-1)?.done, false);
  });
});
