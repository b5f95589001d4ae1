/** Certificates of authorities that other programs made, by openssl's strict rules. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { chmodSync, cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkPki, renewPki } from "../../mod/pki/mod.ts";
import { directoryWithPki, openssl, optionsFor } from "./support.ts";

/**
 * Key identifiers that authorities have: kubeadm built with Go 1.25 or later
 * takes the first 20 bytes of the key's SHA-256, openssl and older Go its SHA-1.
 */
const IDENTIFIERS = {
  "its own": "0102030405060708090a0b0c0d0e0f1011121314",
  "a long": "ff".repeat(32),
  "openssl's": "hash",
  "no": "none",
};
const KEYS = {
  "RSA-2048": ["-newkey", "rsa:2048"],
  "P-256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
  "Ed25519": ["-newkey", "ed25519"],
};
const LEAVES = {
  "ca": ["apiserver", "apiserver-kubelet-client"],
  "etcd/ca": ["etcd/server", "etcd/peer", "etcd/healthcheck-client", "apiserver-etcd-client"],
  "front-proxy-ca": ["front-proxy-client"],
};

function makeAuthority(path: string, key: readonly string[], identifier: string): void {
  const config = `${path}.cnf`;
  writeFileSync(
    config,
    `[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, digitalSignature, keyEncipherment
subjectKeyIdentifier = ${identifier}
`,
  );
  openssl(
    ...["req", "-x509", ...key, "-nodes", "-days", "3650", "-subj", "/CN=kubernetes"],
    ...["-config", config, "-extensions", "ca"],
    ...["-keyout", `${path}.key`, "-out", `${path}.crt`],
  );
  chmodSync(`${path}.key`, 0o600);
}

describe("renewPki() with authorities of other programs", () => {
  for (const [keyName, key] of Object.entries(KEYS)) {
    for (const [identifierName, identifier] of Object.entries(IDENTIFIERS)) {
      it(`names the key of a ${keyName} authority with ${identifierName} key identifier`, async () => {
        using root = await directoryWithPki();
        const path = (name: string) => join(root.path, "pki", name);
        for (const name of Object.keys(LEAVES)) makeAuthority(path(name), key, identifier);
        await renewPki(optionsFor(root.path, { nowMs: Date.now() }));
        // Strict rules want a key identifier in the authority itself.
        const strict = identifier === "none" ? [] : ["-x509_strict"];
        for (const [authority, leaves] of Object.entries(LEAVES)) {
          for (const leaf of leaves) {
            const trust = ["-CAfile", `${path(authority)}.crt`];
            assert.match(openssl("verify", ...strict, ...trust, `${path(leaf)}.crt`), /OK/);
            const text = openssl("x509", "-noout", "-text", "-in", `${path(leaf)}.crt`);
            assert.equal(/Authority Key Identifier/.test(text), identifier !== "none", leaf);
          }
        }
      });
    }
  }
});

/**
 * Authorities that crypto/x509 of Go 1.26 made from kubeadm's template
 * (cmd/kubeadm/app/util/pkiutil, `NewCertificateAuthority`), valid until 2066.
 */
const GO_AUTHORITIES = new URL("../../fixtures/pki/go-1.26/", import.meta.url).pathname;

describe("renewPki() with authorities that kubeadm's code made", () => {
  for (const name of ["ecdsa", "rsa"]) {
    it(`takes the key identifier of an ${name} authority, which is no SHA-1`, async () => {
      using root = await directoryWithPki();
      const path = (file: string) => join(root.path, "pki", file);
      for (const authority of Object.keys(LEAVES)) {
        cpSync(join(GO_AUTHORITIES, `${name}.crt`), path(`${authority}.crt`));
        cpSync(join(GO_AUTHORITIES, `${name}.key`), path(`${authority}.key`));
        chmodSync(path(`${authority}.key`), 0o600);
      }
      await renewPki(optionsFor(root.path));
      const at = ["-attime", String(optionsFor(root.path).nowMs / 1000)];
      for (const [authority, leaves] of Object.entries(LEAVES)) {
        const trust = ["-CAfile", path(`${authority}.crt`)];
        for (const leaf of leaves) {
          const verified = openssl("verify", "-x509_strict", ...at, ...trust, path(`${leaf}.crt`));
          assert.match(verified, /OK/);
        }
      }
      const report = await checkPki(optionsFor(root.path));
      assert.deepEqual(report.findings, []);
    });
  }
});

describe("renewPki() with names that are addresses", () => {
  const cases: readonly (readonly [string, string])[] = [
    // Go writes an IPv4 address in IPv6 form as IPv4, and looks for it so.
    ["::ffff:10.0.0.9", "10.0.0.9"],
    ["::FFFF:a00:9", "10.0.0.9"],
    ["64:ff9b::10.0.0.9", "64:ff9b::a00:9"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["::", "::"],
    ["fd00::", "fd00::"],
  ];
  for (const [name, address] of cases) {
    it(`puts ${address} into the certificate for "${name}"`, async () => {
      using root = await directoryWithPki();
      const options = optionsFor(root.path);
      const identity = { ...options.identity, apiServerNames: [name] };
      await renewPki({ ...options, identity });
      const at = ["-attime", String(options.nowMs / 1000)];
      const trust = ["-CAfile", join(root.path, "pki/ca.crt")];
      const leaf = join(root.path, "pki/apiserver.crt");
      assert.match(openssl("verify", ...at, ...trust, "-verify_ip", address, leaf), /OK/);
    });
  }
});
