import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { explain, gatherNodeEvidence, gatherPodEvidence } from "../../mod/explain/mod.ts";
import { connectRuntime } from "../../mod/cri/mod.ts";
import { kubeletClient, KubeletFailure } from "../../mod/kubelet/mod.ts";
import { joinStatus, type StatusInput } from "../../mod/status/mod.ts";
import { type Endpoint, listen, type Route } from "../support/kubelet/api.ts";
import { freePort } from "../support/node.ts";
import { makeTempDir } from "../support/temp_dir.ts";
import { desired, input, NOW } from "../status/samples.ts";

/** Nobody listens there. */
const noRuntime = () => connectRuntime({ endpoint: "unix:///nonexistent/podstead.sock" });

async function withKubelet<T>(
  route: Route,
  use: (endpoint: string) => Promise<T>,
): Promise<T> {
  const endpoint: Endpoint = await listen({}, route);
  try {
    return await use(`http://127.0.0.1:${endpoint.port}`);
  } finally {
    await endpoint.close();
  }
}

async function evidenceOf(change: Partial<StatusInput>, healthz: string, endpoint = healthz) {
  const runtime = noRuntime();
  try {
    return await gatherNodeEvidence(input(change), {
      runtime,
      kubelet: kubeletClient({ endpoint, healthzEndpoint: healthz }),
      url: "http://127.0.0.1:10261/manifests",
    });
  } finally {
    runtime.close();
  }
}

const failed = (problem: KubeletFailure["problem"]): StatusInput["kubelet"] => ({
  value: undefined,
  atMs: undefined,
  failure: { atMs: NOW, message: "it failed", problem },
});
const longSilence = {
  listeningSinceMs: NOW - 100_000,
  lastGood: { atMs: NOW - 10_000, status: 200, userAgent: "" },
  intervalMs: 1_000,
};

describe("gatherNodeEvidence()", () => {
  it("calls a kubelet alive that answered on its API, whatever it answered", async () => {
    const closed = `http://127.0.0.1:${await freePort()}`;
    for (const problem of ["unauthorized", "forbidden", "untrusted", "authorizer-down"] as const) {
      const { kubeletAlive } = await evidenceOf({ kubelet: failed(problem) }, closed);
      assert.equal(kubeletAlive, true, problem);
    }
  });

  it("asks its health endpoint where nobody listens on the API", async () => {
    await withKubelet(() => ({ body: "ok" }), async (healthz) => {
      const { kubeletAlive } = await evidenceOf({ kubelet: failed("refused") }, healthz);
      assert.equal(kubeletAlive, true);
    });
  });

  it("calls it dead where both are closed and it polls no more", async () => {
    const closed = `http://127.0.0.1:${await freePort()}`;
    const kubelet = failed("refused");
    const dead = await evidenceOf({ kubelet, fetches: longSilence }, closed);
    assert.equal(dead.kubeletAlive, false);
    // Both may be configured away: polls that come show that it lives.
    assert.equal((await evidenceOf({ kubelet }, closed)).kubeletAlive, undefined);
  });

  it("reads the kubelet's configuration where it may, and leaves it out where not", async () => {
    const answer: Route = (path) =>
      path === "/configz"
        ? { body: { kubeletconfig: { staticPodURL: "http://elsewhere/" } } }
        : undefined;
    await withKubelet(answer, async (endpoint) => {
      const { kubeletConfig, kubeletPodCount } = await evidenceOf({}, endpoint);
      assert.deepEqual(kubeletConfig, { staticPodURL: "http://elsewhere/" });
      assert.equal(kubeletPodCount, 1);
    });
    await withKubelet(() => undefined, async (endpoint) => {
      assert.equal((await evidenceOf({}, endpoint)).kubeletConfig, undefined);
    });
  });
});

describe("gatherPodEvidence()", () => {
  it("finds host paths that are not what their type wants, and they are explained", async () => {
    const temporary = await makeTempDir("evidence");
    const runtime = noRuntime();
    try {
      const at = (name: string) => join(temporary.path, name);
      await mkdir(at("directory"));
      await writeFile(at("file"), "");
      const volumes = [
        ["directory", "Directory"],
        ["directory", "File"],
        ["file", "File"],
        ["file", "DirectoryOrCreate"],
        ["gone", "Directory"],
        ["gone", "DirectoryOrCreate"],
        ["gone", ""],
        ["file", "Socket"],
      ].map(([name, type]) => ({
        name: "v",
        hostPath: { path: at(name ?? ""), type: type ?? "" },
      }));
      const pod = { spec: { containers: [{ name: "main", image: "busybox" }], volumes } };
      const status = input({
        desired: [desired({ pod, servedSinceMs: NOW - 2_000 })],
        kubelet: { value: [], atMs: NOW },
        runtime: { value: [], atMs: NOW },
      });
      const [row] = joinStatus(status);
      assert.ok(row !== undefined);
      const logsDirectory = join(temporary.path, "logs");
      const sources = { runtime, logsDirectory };
      const { badHostPaths, images, logTail } = await gatherPodEvidence(row, sources, NOW);
      assert.deepEqual(badHostPaths, [
        { path: at("directory"), type: "File" },
        { path: at("file"), type: "DirectoryOrCreate" },
        { path: at("gone"), type: "Directory" },
        { path: at("file"), type: "Socket" },
      ]);
      assert.equal(images.size, 0, "a runtime that does not answer says nothing about images");
      assert.equal(logTail, undefined);
      const folder = join(logsDirectory, `${row.namespace}_${row.name}_u1`, "main");
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "2.log"), "2026-11-30T05:00:00Z stdout F last words\n");
      const { logTail: onDisk } = await gatherPodEvidence(row, sources, NOW);
      assert.deepEqual(onDisk, { container: "main", attempt: 2, lines: ["last words"] });
      const { nowMs, fetches, limits } = status;
      const { code } = explain({ nowMs, fetches, limits, row, url: "", badHostPaths });
      assert.equal(code, "host-path-missing");
    } finally {
      runtime.close();
      await temporary.remove();
    }
  });
});
