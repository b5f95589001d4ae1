import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { link } from "node:fs/promises";
import * as net from "node:net";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { type ErrorCode, PodsteadError } from "../../mod/core/mod.ts";
import { connectRuntime, RuntimeService, socketPath } from "../../mod/cri/mod.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";
import { runPod } from "../support/cri_pod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const { version, listContainers, containerStatus, streamContainers } = RuntimeService.method;

async function failure(job: Promise<unknown>): Promise<PodsteadError> {
  try {
    await job;
  } catch (error) {
    assert.ok(error instanceof PodsteadError, `not a PodsteadError: ${error}`);
    return error;
  }
  assert.fail("it did not fail");
}

function assertError(error: PodsteadError, code: ErrorCode, message: RegExp, hint?: RegExp) {
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  if (hint !== undefined) assert.match(error.hint ?? "", hint);
}

describe("socketPath()", () => {
  it("takes a URL and a path", () => {
    assert.equal(socketPath("unix:///run/c.sock"), "/run/c.sock");
    assert.equal(socketPath("/run/c.sock"), "/run/c.sock");
  });
  for (const endpoint of ["tcp://127.0.0.1:1", "run/c.sock", "unix://run/c.sock", ""]) {
    it(`refuses "${endpoint}"`, () => {
      assert.throws(() => socketPath(endpoint), /absolute path of a unix socket/);
    });
  }
});

describe("connectRuntime()", () => {
  it("says that the socket is missing", async () => {
    await using temp = await makeTempDir();
    const runtime = connectRuntime({ endpoint: `unix://${temp.path}/none.sock` });
    const error = await failure(runtime.call(version, {}));
    assertError(error, "runtime-unavailable", /does not exist/, /systemctl status containerd/);
    runtime.close();
  });

  it("says that nobody listens", async () => {
    await using temp = await makeTempDir();
    const socket = join(temp.path, "dead.sock");
    // As a killed owner leaves it: the second name outlives the server.
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(join(temp.path, "live.sock"), resolve));
    await link(join(temp.path, "live.sock"), socket);
    await new Promise((resolve) => server.close(resolve));
    const runtime = connectRuntime({ endpoint: socket });
    const error = await failure(runtime.call(version, {}));
    assertError(error, "runtime-unavailable", /nothing listens/);
    runtime.close();
  });

  it("gives up on a runtime that accepts and never answers", async () => {
    await using temp = await makeTempDir();
    const socket = join(temp.path, "hung.sock");
    const connections = new Set<net.Socket>();
    const server = net.createServer((connection) => connections.add(connection));
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const runtime = connectRuntime({ endpoint: socket, timeoutMs: 150 });
    try {
      const error = await failure(runtime.call(version, {}));
      assertError(error, "runtime-unavailable", /did not answer Version within 150ms/, /hang/);
      const again = await failure(runtime.call(version, {}, { timeoutMs: 20 }));
      assertError(again, "runtime-unavailable", /within 20ms/);
      const reason = new Error("enough");
      await assert.rejects(
        runtime.call(version, {}, { signal: AbortSignal.abort(reason) }),
        reason,
      );
      const controller = new AbortController();
      const call = runtime.call(version, {}, { signal: controller.signal, timeoutMs: 60_000 });
      setTimeout(() => controller.abort(reason), 10);
      await assert.rejects(call, reason);
    } finally {
      runtime.close();
      for (const connection of connections) connection.destroy();
      server.close();
    }
  });

  const STRANGERS: Readonly<Record<string, (connection: net.Socket) => void>> = {
    "hangs up": (connection) => connection.destroy(),
    "hangs up a little later": (connection) => connection.once("data", () => connection.destroy()),
    "is no gRPC server": (connection) => connection.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
  };
  for (const [what, behave] of Object.entries(STRANGERS)) {
    it(`reports a peer that ${what}, each time it is called`, async () => {
      await using temp = await makeTempDir();
      const socket = join(temp.path, "other.sock");
      const server = net.createServer((connection) => {
        connection.on("error", () => {}); // the client may still be writing
        behave(connection);
      });
      await new Promise<void>((resolve) => server.listen(socket, resolve));
      const runtime = connectRuntime({ endpoint: socket, timeoutMs: 60_000 });
      for (let attempt = 0; attempt < 3; attempt++) {
        const error = await failure(runtime.call(version, {}));
        assert.equal(error.code, "runtime-unavailable", error.message);
        assert.doesNotMatch(error.message, /did not answer/, "it waited for the deadline");
      }
      runtime.close();
      server.close();
    });
  }
});

describeWithContainerd("connectRuntime() on real containerd", (containerd) => {
  it("calls, and tells what is not found or not there", async () => {
    const { runtime } = containerd();
    assert.equal((await runtime.call(version, {})).runtimeName, "containerd");
    const error = await failure(runtime.call(containerStatus, { containerId: "absent" }));
    assertError(error, "not-found", /absent/);
  });

  it("streams, or says that the runtime does not", async () => {
    const { runtime } = containerd();
    try {
      for await (const _ of runtime.stream(streamContainers, {})) break;
    } catch (error) {
      assert.ok(error instanceof PodsteadError);
      assertError(error, "failed", /does not implement StreamContainers/);
    }
  });

  it("finds containerd again after a restart, with the container still running", async () => {
    const { runtime, stop, start, ...rest } = containerd();
    const { containerIds: [id] } = await runPod({ runtime, ...rest }, {
      name: "survivor",
      containers: [{ name: "main" }],
    });
    await stop();
    const error = await failure(runtime.call(version, {}));
    assert.equal(error.code, "runtime-unavailable");
    await start();
    const { containers } = await runtime.call(listContainers, { filter: { id: id ?? "" } });
    assert.equal(containers.length, 1);
    assert.equal(containers[0]?.state, 1);
  });

  it("says what to do without permission on the socket", async () => {
    // Root may open everything: only another user sees the refusal.
    const { stdout } = await promisify(execFile)(process.execPath, [
      ..."Deno" in globalThis ? ["run", "-A", "--no-check"] : [],
      new URL("./as_nobody.ts", import.meta.url).pathname,
      containerd().socket,
    ]);
    const { code, message, hint } = JSON.parse(stdout);
    assert.equal(code, "permission");
    assert.match(message, /No permission to open the socket/);
    assert.match(hint, /sudo/);
  });
});

describeWithContainerd("connectRuntime() on containerd without CRI", (containerd) => {
  it("says which setting switched it off", async () => {
    const error = await failure(containerd().runtime.call(version, {}));
    assertError(error, "runtime-unavailable", /does not speak CRI/, /disabled_plugins/);
  });
}, { withoutCri: true });
