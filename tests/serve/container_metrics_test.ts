import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Registry } from "prom-client";
import { RuntimeUnavailable } from "../../mod/core/mod.ts";
import type { Runtime } from "../../mod/cri/mod.ts";
import { registerContainerMetrics } from "../../mod/serve/container_metrics.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { container, sandbox } from "../status/samples.ts";

/** A runtime with one container; `calls` has the methods that were called. */
function scene() {
  const calls: string[] = [];
  const world = { up: true, wanted: true };
  const answers: Readonly<Record<string, unknown>> = {
    ListContainerStats: {
      stats: [{
        attributes: { id: "c1" },
        cpu: { timestamp: 1n, usageCoreNanoSeconds: { value: 2_500_000_000n } },
        memory: { timestamp: 1n, workingSetBytes: { value: 4_096n } },
      }],
    },
    ListPodSandboxStats: { stats: [] },
    ContainerStatus: { status: { resources: { linux: { memoryLimitInBytes: 8_192n } } } },
  };
  const call = ({ name }: { readonly name: string }) => {
    calls.push(name);
    return world.up
      ? Promise.resolve(answers[name])
      : Promise.reject(new RuntimeUnavailable("it is away"));
  };
  const registry = new Registry();
  const clock = new FakeClock();
  registerContainerMetrics({
    registry,
    clock,
    // Of a runtime only calls are made here.
    runtime: { endpoint: "unix:///x", call, close: () => {} } as unknown as Runtime,
    wanted: () => world.wanted,
    nodeName: () => "node-1",
    pods: () => Promise.resolve([sandbox({ containers: [container({ name: "main" })] })]),
  });
  return { calls, world, registry, clock };
}

describe("registerContainerMetrics()", () => {
  it("tells CPU and memory, and asks once for a scrape", async () => {
    const { calls, registry } = scene();
    const text = await registry.metrics();
    const labels = '{namespace="default",pod="web",container="main"}';
    assert.ok(text.includes(`podstead_container_cpu_seconds_total${labels} 2.5`), text);
    assert.ok(text.includes(`podstead_container_memory_bytes${labels} 4096`), text);
    assert.ok(text.includes(`podstead_container_memory_limit_bytes${labels} 8192`), text);
    assert.equal(calls.filter((name) => name === "ListContainerStats").length, 1);
  });

  it("asks for nothing where the config does not want it", async () => {
    const { calls, world, registry } = scene();
    world.wanted = false;
    assert.doesNotMatch(await registry.metrics(), /^podstead_container\w+\{/m);
    assert.deepEqual(calls, []);
  });

  it("leaves out what a runtime that is away does not tell, and has it again later", async () => {
    const { world, registry, clock } = scene();
    world.up = false;
    assert.doesNotMatch(await registry.metrics(), /^podstead_container\w+\{/m);
    world.up = true;
    await clock.advance(2_000);
    assert.match(await registry.metrics(), /^podstead_container_cpu_seconds_total\{/m);
  });
});
