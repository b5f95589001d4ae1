import { it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import { getOwn, isJsonObject } from "../../../mod/core/mod.ts";
import {
  checkEtcd,
  prepareControlPlane,
  renderControlPlane,
} from "../../../mod/controlplane/mod.ts";
import { initPki } from "../../../mod/pki/mod.ts";
import { identity, optionsFor, temporaryDirectory } from "../../pki/support.ts";
import { configOf } from "../support.ts";
import { UNLESS_ROOT } from "../../support/as_root.ts";
import { describeUnless } from "../../support/unless.ts";

/** Debian's package etcd-server. */
const ETCD = "/usr/bin/etcd";
const skip = existsSync(ETCD) ? UNLESS_ROOT : "etcd is not installed";

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address?.port ?? 0 : 0));
    });
  });
}

/** The answer of etcd over TLS, or the error's code. */
function health(port: number, pki: string, client?: string): Promise<string> {
  const file = (name: string) => readFileSync(join(pki, name));
  const identity = client === undefined
    ? {}
    : { cert: file(`${client}.crt`), key: file(`${client}.key`) };
  return new Promise((resolve) => {
    const call = request(
      { host: "127.0.0.1", port, path: "/health", ca: file("etcd/ca.crt"), ...identity },
      (response) => {
        let text = "";
        response.on("data", (chunk) => text += chunk).on("end", () => resolve(text));
      },
    );
    call.on("error", (error) => resolve(`error: ${error.message}`));
    call.end();
  });
}

/** Waits for a line of the log, or for the end of the process. */
function untilLine(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = "";
    child.stderr?.on("data", (chunk) => {
      log += chunk;
      if (pattern.test(log)) resolve(log);
    });
    child.once("exit", (code) => reject(new Error(`etcd ended with ${code}:\n${log}`)));
  });
}

describeUnless(skip, "the rendered etcd", () => {
  it("starts with its arguments, serves those with a certificate and nobody else", async () => {
    using root = temporaryDirectory();
    const options = optionsFor(root.path, {
      nowMs: Date.now(),
      identity: { ...identity, advertiseAddress: "127.0.0.1" },
    });
    await initPki(options);
    const [client, peer, metrics] = [await freePort(), await freePort(), await freePort()];
    const version = /etcd Version: (\S+)/.exec(execFileSync(ETCD, ["--version"]).toString())?.[1];
    const url = (port: number) => `https://127.0.0.1:${port}`;
    const plan = renderControlPlane(
      configOf({
        pkiDirectory: options.directory,
        kubeconfigDirectory: root.path,
        configDirectory: join(root.path, "control-plane"),
        etcd: {
          image: `registry.k8s.io/etcd:${version}-0`,
          dataDirectory: join(root.path, "data"),
          initialCluster: [`cp-1=${url(peer)}`],
          extraArgs: {
            "advertise-client-urls": url(client),
            "initial-advertise-peer-urls": url(peer),
            "listen-client-urls": url(client),
            "listen-metrics-urls": `http://127.0.0.1:${metrics}`,
            "listen-peer-urls": url(peer),
          },
        },
      }),
      { name: "cp-1", address: "127.0.0.1" },
    );
    assert.deepEqual(plan.problems, []);
    const [etcd] = await prepareControlPlane(plan, { nowMs: Date.now() });
    assert.equal(etcd?.state, "ready");
    const spec = getOwn(etcd.pod, "spec");
    assert.ok(isJsonObject(spec));
    const [container] = spec["containers"] as readonly Record<string, unknown>[];
    const [, ...args] = container?.["command"] as string[];
    const child = spawn(ETCD, args, { stdio: ["ignore", "ignore", "pipe"] });
    try {
      await untilLine(child, /serving client traffic securely|ready to serve client requests/);
      const answer = await health(client, options.directory, "apiserver-etcd-client");
      assert.match(answer, /"health"\s*:\s*"true"/);
      assert.match(await health(client, options.directory), /^error: /);
      // The probe of this version, on the port without TLS.
      const probe = (container?.["readinessProbe"] as { httpGet: { path: string; port: number } })
        .httpGet;
      const ready = await fetch(`http://127.0.0.1:${probe.port}${probe.path}`);
      assert.equal(ready.status, 200);
      await ready.body?.cancel();
      const access = { ...plan.etcd, endpoints: [url(client), url(metrics)] };
      const answers = await checkEtcd(access, { signal: AbortSignal.timeout(60_000) });
      assert.deepEqual(answers.map(({ state }) => state), ["healthy", "unreachable"]);
    } finally {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    }
  });
});
