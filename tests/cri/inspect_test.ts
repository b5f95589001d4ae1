import { it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { getOwn, isJsonObject, type JsonValue } from "../../mod/core/mod.ts";
import { inspectContainer, inspectRuntime, inspectSandbox } from "../../mod/cri/mod.ts";
import { runPod } from "../support/cri_pod.ts";
import { BUSYBOX_IMAGE } from "../support/images.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";

function at(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  for (const key of path) value = isJsonObject(value) ? getOwn(value, key) : undefined;
  return value;
}

describeWithContainerd("inspect", (containerd) => {
  it("says everything about a container, its sandbox and the runtime", async () => {
    const { runtime, directory } = containerd();
    const pod = await runPod(containerd(), { name: "seen", containers: [{ name: "main" }] });
    const [id = ""] = pod.containerIds;

    const container = await inspectContainer(runtime, id);
    assert.equal(at(container.status, "id"), id);
    assert.equal(at(container.status, "state"), "CONTAINER_RUNNING");
    assert.match(String(at(container.status, "createdAt")), /^\d{19}$/);
    assert.equal(at(container.status, "image", "image"), BUSYBOX_IMAGE);
    assert.equal(at(container.info, "info", "sandboxID"), pod.sandboxId);
    assert.equal(typeof at(container.info, "info", "pid"), "number");

    const sandbox = await inspectSandbox(runtime, pod.sandboxId);
    assert.equal(at(sandbox.status, "metadata", "name"), "seen");
    assert.equal(at(sandbox.status, "linux", "namespaces", "options", "network"), "NODE");

    const self = await inspectRuntime(runtime);
    assert.equal(
      at(self.info, "config", "stateDir"),
      `${directory}/state/io.containerd.grpc.v1.cri`,
    );
    const conditions = at(self.status, "conditions");
    assert.ok(Array.isArray(conditions));
    assert.equal(at(conditions[0], "type"), "RuntimeReady");
  });
});
