import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { defaultSettings } from "../../mod/config/mod.ts";
import { gatherDoctorFacts } from "../../mod/doctor/mod.ts";
import type { JsonObject } from "../../mod/core/mod.ts";
import { listen } from "../support/kubelet/api.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const NO_KUBELET = {
  found: { kind: "none" },
  gates: { set: {}, from: "nowhere" },
  apiServer: { kind: "none" },
} as const;

/** Where the doctor looks for room for logs, beside a kubelet with this configuration. */
async function logsDirBeside(kubeletconfig: JsonObject): Promise<string | undefined> {
  const dir = await makeTempDir("doctor");
  const kubelet = await listen(
    {},
    (path) => path === "/configz" ? { body: { kubeletconfig } } : undefined,
  );
  try {
    const configPath = join(dir.path, "config.yaml");
    const config = {
      agent: {
        stateDir: dir.path,
        kubelet: { endpoint: `http://127.0.0.1:${kubelet.port}` },
        runtime: { endpoint: `unix://${dir.path}/none.sock` },
      },
      machine: { pods: [] },
    };
    await writeFile(configPath, JSON.stringify(config));
    const { disks } = await gatherDoctorFacts({
      configPath,
      fallback: defaultSettings({ hostname: "node-1", address: "127.0.0.1" }),
      socket: join(dir.path, "none.sock"),
      agent: () => Promise.reject(new Error("no agent")),
      kubelet: () => Promise.resolve({ ...NO_KUBELET, version: undefined }),
      nowMs: Date.now(),
      root: true,
    });
    return disks.find(({ purpose }) => purpose === "logs")?.path;
  } finally {
    await kubelet.close();
    await dir.remove();
  }
}

describe("gatherDoctorFacts()", () => {
  it("looks for room for logs where the kubelet has them", async () => {
    assert.equal(await logsDirBeside({ podLogsDir: "/data/pod-logs" }), "/data/pod-logs");
  });

  it("takes the kubelet's default where it does not say", async () => {
    assert.equal(await logsDirBeside({}), "/var/log/pods");
  });

  it("sees who listens on the endpoint's port", async () => {
    await using dir = await makeTempDir("doctor");
    const squatter = await listen({}, () => undefined);
    try {
      const configPath = join(dir.path, "config.yaml");
      await writeFile(
        configPath,
        JSON.stringify({ agent: { manifest: { port: squatter.port } }, machine: { pods: [] } }),
      );
      const { endpoint } = await gatherDoctorFacts({
        configPath,
        fallback: defaultSettings({ hostname: "node-1", address: "127.0.0.1" }),
        socket: join(dir.path, "none.sock"),
        agent: () => Promise.reject(new Error("no agent")),
        kubelet: () => Promise.resolve({ ...NO_KUBELET, version: undefined }),
        nowMs: Date.now(),
        root: true,
      });
      assert.equal(endpoint.holder?.process?.pid, process.pid);
    } finally {
      await squatter.close();
    }
  });

  /** Kubelets before 1.34 do not know this field, so they pass over its value. */
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "nginx" },
    spec: { hostnameOverride: "Not_A_Name", containers: [{ name: "nginx", image: "nginx" }] },
  };

  for (
    const [version, kubelet, errors] of [
      ["1.33.4", {}, 0],
      ["1.36.2", {}, 1],
      ["1.36.2", { version: "1.33" }, 0],
    ] as const
  ) {
    const settings = JSON.stringify(kubelet);
    it(`judges pods by the rules of the node's kubelet, ${version} and ${settings}`, async () => {
      await using dir = await makeTempDir("doctor");
      const configPath = join(dir.path, "config.yaml");
      await writeFile(
        configPath,
        JSON.stringify({ agent: { kubelet }, machine: { pods: [pod] } }),
      );
      const { config } = await gatherDoctorFacts({
        configPath,
        fallback: defaultSettings({ hostname: "node-1", address: "127.0.0.1" }),
        socket: join(dir.path, "none.sock"),
        agent: () => Promise.reject(new Error("no agent")),
        kubelet: () => Promise.resolve({ ...NO_KUBELET, version }),
        nowMs: Date.now(),
        root: true,
      });
      assert.equal(config.errors.length, errors, config.errors.join("\n"));
    });
  }
});
