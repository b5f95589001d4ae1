import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { EMPTY_STATE, type ReloadOutcome } from "../../mod/agent/mod.ts";
import { connectRuntime } from "../../mod/cri/mod.ts";
import { Inspector, type ServiceSight } from "../../mod/explain/mod.ts";
import { kubeletClient } from "../../mod/kubelet/mod.ts";
import { joinStatus, type StatusInput } from "../../mod/status/mod.ts";
import { ago, input, NOW } from "../status/samples.ts";
import { freePort } from "../support/node.ts";

const RELOAD: ReloadOutcome = {
  result: "applied",
  at: ago(60_000),
  revision: 1,
  pods: [],
  problems: [],
  needRestart: [],
} as unknown as ReloadOutcome; // what the verdict reads of it

describe("Inspector.overview()", () => {
  const runtime = connectRuntime({ endpoint: "unix:///nonexistent/podstead.sock" });
  let closed: string;
  beforeEach(async () => {
    closed = `http://127.0.0.1:${await freePort()}`;
  });
  afterEach(() => runtime.close());

  const overview = async (change: Partial<StatusInput>, kubeletService: ServiceSight) => {
    const status = input(change);
    return await new Inspector({
      status: { refresh: () => Promise.resolve(joinStatus(status)), input: () => status },
      state: () => ({ ...EMPTY_STATE, revision: 1, lastReload: RELOAD }),
      sources: () => ({
        runtime,
        kubelet: kubeletClient({ endpoint: closed, healthzEndpoint: closed }),
        url: "http://127.0.0.1:10261/manifests",
        kubeletService: () => Promise.resolve(kubeletService),
      }),
      events: { list: () => [] },
      changes: { changeOf: () => undefined },
    }).overview();
  };
  const failure = { atMs: NOW, message: "No kubelet", problem: "refused" };
  const unit = { name: "kubelet", restarts: 0 };

  it("asks systemd of a kubelet that cannot be asked, though it polled a moment ago", async () => {
    const off = { kubelet: { value: [], atMs: NOW - 2_000, failure } };
    const stopped = await overview(off, { ...unit, state: "inactive", subState: "dead" });
    assert.deepEqual([stopped.state, stopped.causes[0]?.code], ["unwell", "kubelet-down"]);
    // One whose ports are merely others is as well as it was.
    const polls = await overview(off, { ...unit, state: "active", subState: "running" });
    assert.deepEqual([polls.state, polls.causes], ["well", []]);
  });
});
