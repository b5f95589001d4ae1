/** A second control plane node trusts the first, and the first the second. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { checkPki, initPki } from "../../mod/pki/mod.ts";
import {
  directoryWithPki,
  identity,
  NOW,
  openssl,
  optionsFor,
  temporaryDirectory,
} from "./support.ts";

const SHARED = ["ca", "front-proxy-ca", "etcd/ca"]
  .flatMap((name) => [`${name}.crt`, `${name}.key`]).concat("sa.key", "sa.pub");
const second = { ...identity, nodeName: "cp-2", advertiseAddress: "192.0.2.11" };

describe("initPki() from another node's PKI", () => {
  it("takes authorities and service account keys over, and issues the rest", async () => {
    using first = await directoryWithPki();
    using root = temporaryDirectory();
    const from = join(first.path, "pki");
    await initPki({ ...optionsFor(root.path, { identity: second }), from });
    const read = (path: string, name: string) => readFileSync(join(path, "pki", name), "utf8");
    for (const name of SHARED) assert.equal(read(root.path, name), read(first.path, name), name);
    assert.notEqual(read(root.path, "apiserver.key"), read(first.path, "apiserver.key"));
    assert.equal(statSync(join(root.path, "pki/etcd/ca.key")).mode & 0o777, 0o600);
    const report = await checkPki(optionsFor(root.path, { identity: second }));
    assert.deepEqual(report.findings, []);
    const peer = openssl(
      ...["verify", "-attime", String(NOW / 1000), "-verify_ip", "192.0.2.11"],
      ...["-CAfile", join(from, "etcd/ca.crt"), join(root.path, "pki/etcd/peer.crt")],
    );
    assert.match(peer, /OK/);
  });

  for (const name of ["sa.pub", "etcd/ca.key"]) {
    it(`says that ${name} is missing, and writes nothing`, async () => {
      using first = await directoryWithPki();
      using root = temporaryDirectory();
      const from = join(first.path, "pki");
      rmSync(join(from, name));
      await assert.rejects(
        initPki({ ...optionsFor(root.path, { identity: second }), from }),
        new RegExp(`Cannot join: ".*${name}" is missing`),
      );
      assert.throws(() => statSync(join(root.path, "pki")));
    });
  }
});
