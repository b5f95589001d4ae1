import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import { renewMirrorPod } from "../../mod/kubelet/mod.ts";
import { apiServerOf, readIdentity } from "../../mod/kubelet/api_server.ts";
import { createCertificate } from "../support/kubelet/mod.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";

const PATH = "/api/v1/namespaces/default/pods/web-node-1";
const pod = {
  namespace: "default",
  name: "web-node-1",
  annotation: { name: "podstead.dev/spec-hash", value: "new" },
};
const shown = (annotations: Readonly<Record<string, string>>) => ({
  metadata: { name: "web-node-1", uid: "mirror-uid", annotations },
});
const mirror = shown({ "kubernetes.io/config.mirror": "u", "podstead.dev/spec-hash": "old" });

describe("renewMirrorPod()", () => {
  let directory: TempDir;
  let kubeconfig: string;
  let server: Server;
  let answers: Readonly<Record<string, readonly [number, unknown]>> = {};
  let asked: { readonly what: string; readonly body: string; readonly user: string }[] = [];

  before(async () => {
    directory = await makeTempDir("mirror");
    const { certificate, key } = createCertificate({
      commonName: "api",
      subjectAltNames: ["127.0.0.1"],
    });
    server = createServer({ cert: certificate, key }, (request, response) => {
      let body = "";
      request.on("data", (chunk) => body += chunk);
      request.on("end", () => {
        asked.push({
          what: `${request.method} ${request.url}`,
          body,
          user: request.headers.authorization ?? "",
        });
        const [status, answer] = answers[request.method ?? ""] ?? [404, {}];
        response.writeHead(status, { "Content-Type": "application/json" });
        response.end(JSON.stringify(answer));
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    kubeconfig = join(directory.path, "kubelet.conf");
    writeFileSync(join(directory.path, "ca.crt"), certificate);
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        "current-context": "here",
        contexts: [{ name: "other", context: {} }, {
          name: "here",
          context: { cluster: "c", user: "u" },
        }],
        clusters: [{
          name: "c",
          cluster: { server: `https://127.0.0.1:${port}`, "certificate-authority": "ca.crt" },
        }],
        users: [{ name: "u", user: { token: "of-the-kubelet" } }],
      }),
    );
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await directory.remove();
  });
  const renew = async (given: typeof answers) => {
    answers = given;
    asked = [];
    return await renewMirrorPod(kubeconfig, pod);
  };

  it("deletes a mirror pod that shows another version, and no other one", async () => {
    const result = await renew({ GET: [200, mirror], DELETE: [200, {}] });
    assert.deepEqual(result, { kind: "deleted" });
    assert.deepEqual(asked.map(({ what }) => what), [`GET ${PATH}`, `DELETE ${PATH}`]);
    assert.equal(asked[1]?.user, "Bearer of-the-kubelet");
    const options = JSON.parse(asked[1]?.body ?? "");
    assert.deepEqual([options.preconditions.uid, options.gracePeriodSeconds], ["mirror-uid", 30]);
  });

  it("deletes nothing that is current, gone, or no mirror pod", async () => {
    const current = shown({ "kubernetes.io/config.mirror": "u", "podstead.dev/spec-hash": "new" });
    for (const [status, answer] of [[200, current], [200, shown({})], [404, {}]] as const) {
      assert.deepEqual(await renew({ GET: [status, answer] }), { kind: "current" });
      assert.equal(asked.length, 1);
    }
  });

  it("says that it may not, and tries again where the API server is only not ready", async () => {
    const refused = await renew({ GET: [200, mirror], DELETE: [403, { message: "no" }] });
    assert.deepEqual(refused, {
      kind: "refused",
      why: "may not delete it: the API server answered 403 (no)",
    });
    await assert.rejects(renew({ GET: [503, {}] }), /503/);
  });
});

describe("readIdentity()", () => {
  it("refuses what podstead cannot use", async () => {
    const directory = await makeTempDir("kubeconfig");
    const path = join(directory.path, "kubelet.conf");
    const write = (cluster: unknown, user: unknown) =>
      writeFileSync(
        path,
        JSON.stringify({
          "current-context": "x",
          contexts: [{ name: "x", context: { cluster: "x", user: "x" } }],
          clusters: [{ name: "x", cluster }],
          users: [{ name: "x", user }],
        }),
      );
    await assert.rejects(readIdentity(path), /ENOENT|No such file/);
    write({ server: "https://a", "insecure-skip-tls-verify": true }, { token: "t" });
    await assert.rejects(readIdentity(path), /not to verify/);
    write({ server: "http://a" }, { token: "t" });
    await assert.rejects(readIdentity(path), /over HTTPS/);
    write({ server: "https://a" }, { exec: {} });
    await assert.rejects(readIdentity(path), /neither a client certificate nor a token/);
    await directory.remove();
  });
});

describe("apiServerOf()", () => {
  it("goes by the kubelet's --kubeconfig", () => {
    const none = { kind: "none" } as const;
    assert.deepEqual(apiServerOf({ kubeconfig: "/etc/k.conf" }, none), {
      kind: "kubeconfig",
      path: "/etc/k.conf",
    });
    assert.equal(apiServerOf({ kubeconfig: "" }, none).kind, "none");
    assert.equal(apiServerOf(undefined, none).kind, "none");
    const k3s = { kind: "embedded", by: "k3s", unit: "k3s.service" } as const;
    assert.equal(apiServerOf(undefined, k3s).kind, "unknown");
  });
});
