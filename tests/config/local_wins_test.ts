import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadConfig } from "../../mod/config/mod.ts";
import { podKey } from "../../mod/pods/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const pod = (name: string, image: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n` +
  `spec: {containers: [{name: c, image: "${image}"}]}\n`;

describe("loadConfig() with a fleet", () => {
  it("takes the node's own pod where the fleet declares it too, and warns with both places", async () => {
    await using temp = await makeTempDir("fleet");
    const main = join(temp.path, "config.yaml");
    const fleet = "agent:\n  fleet: {name: web, endpoints: ['http://10.0.0.1:2379']}\n";
    await mkdir(join(temp.path, "pods.d"));
    await writeFile(main, fleet);
    const file = join(temp.path, "pods.d/fleet-web.yaml");
    await writeFile(file, `${pod("a", "fleet")}---\n${pod("b", "fleet")}`);
    const own = join(temp.path, "pods.d/z-own.yaml");
    await writeFile(own, pod("a", "own"));
    const { entries, problems } = await loadConfig(main, { hostname: "n", address: "10.0.0.2" });
    assert.deepEqual(
      entries.map(({ source, pod: one }) => [podKey(one)?.name, source.file]),
      [["b", file], ["a", own]],
    );
    const [conflict] = problems.filter(({ code }) => code === "fleet-conflict");
    assert.equal(conflict?.severity, "warning");
    assert.equal(conflict?.file, file);
    assert.equal(conflict?.position?.line, 3);
    assert.equal(conflict?.related?.file, own);
  });

  it("warns of a control plane's certificate, with the reason", async () => {
    await using temp = await makeTempDir("fleet");
    const main = join(temp.path, "config.yaml");
    const pki = "/etc/kubernetes/pki/etcd";
    await writeFile(
      main,
      "agent:\n  fleet:\n    name: web\n    endpoints: ['https://10.0.0.1:2379']\n" +
        `    certificateAuthority: ${pki}/ca.crt\n    clientCertificate: ${pki}/server.crt\n` +
        `    clientKey: ${pki}/server.key\n`,
    );
    const { problems } = await loadConfig(main, { hostname: "n", address: "10.0.0.2" });
    const [warning] = problems.filter(({ code }) => code === "fleet-control-plane-etcd");
    assert.equal(warning?.severity, "warning");
    assert.equal(warning?.position?.line, 6);
    assert.match(warning?.hint ?? "", /root over every Secret/);
  });

  for (
    const [what, fleet, message] of [
      ["endpoints are missing", "{name: web}", /endpoints/],
      ["https has no authority", "{name: web, endpoints: ['https://h:1']}", /certificateAuthority/],
      [
        "a label has a space",
        "{name: web, endpoints: ['http://h:1'], labels: {a: 'b c'}}",
        /labels/,
      ],
      ["the name has capitals", "{name: Web, endpoints: ['http://h:1']}", /lower-case/],
    ] as const
  ) {
    it(`refuses a fleet where ${what}`, async () => {
      await using temp = await makeTempDir("fleet");
      const main = join(temp.path, "config.yaml");
      await writeFile(main, `agent:\n  fleet: ${fleet}\n`);
      const { problems } = await loadConfig(main, { hostname: "n", address: "10.0.0.2" });
      assert.match(
        JSON.stringify(problems.filter(({ severity }) => severity === "error")),
        message,
      );
    });
  }
});
