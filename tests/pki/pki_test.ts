import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readKubeconfig } from "../../mod/controlplane/mod.ts";
import { checkPki, initPki, KEY_TYPES, renewPki } from "../../mod/pki/mod.ts";
import {
  DAY,
  directoryWithPki,
  identity,
  NOW,
  openssl,
  optionsFor,
  temporaryDirectory,
} from "./support.ts";

/** What kubeadm's "PKI certificates and requirements" page lists for a stacked control plane. */
const PKI_FILES = [
  "apiserver-etcd-client.crt",
  "apiserver-etcd-client.key",
  "apiserver-kubelet-client.crt",
  "apiserver-kubelet-client.key",
  "apiserver.crt",
  "apiserver.key",
  "ca.crt",
  "ca.key",
  "etcd/ca.crt",
  "etcd/ca.key",
  "etcd/healthcheck-client.crt",
  "etcd/healthcheck-client.key",
  "etcd/peer.crt",
  "etcd/peer.key",
  "etcd/server.crt",
  "etcd/server.key",
  "front-proxy-ca.crt",
  "front-proxy-ca.key",
  "front-proxy-client.crt",
  "front-proxy-client.key",
  "sa.key",
  "sa.pub",
];
const KUBECONFIGS = ["admin.conf", "controller-manager.conf", "kubelet.conf", "scheduler.conf"];

function listFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(root, name)).isFile()).sort();
}

function verify(root: string, ca: string, name: string, ...more: string[]): string {
  const at = more.includes("-attime") ? [] : ["-attime", String(NOW / 1000)];
  return openssl(
    ...["verify", "-x509_strict", ...at, ...more],
    ...["-CAfile", join(root, "pki", `${ca}.crt`), join(root, "pki", `${name}.crt`)],
  );
}

describe("initPki()", () => {
  for (const keyType of KEY_TYPES) {
    it(`makes chains that openssl accepts, with ${keyType} keys`, async () => {
      using root = temporaryDirectory();
      await initPki(optionsFor(root.path, { keyType }));
      const server = ["-purpose", "sslserver"];
      const client = ["-purpose", "sslclient"];
      for (const name of identity.apiServerNames) {
        const flag = /^[\d.]+$|:/.test(name) ? "-verify_ip" : "-verify_hostname";
        assert.match(verify(root.path, "ca", "apiserver", ...server, flag, name), /OK/);
      }
      verify(root.path, "ca", "apiserver", ...server, "-verify_ip", "::1");
      verify(root.path, "ca", "apiserver-kubelet-client", ...client);
      verify(root.path, "front-proxy-ca", "front-proxy-client", ...client);
      verify(root.path, "etcd/ca", "apiserver-etcd-client", ...client);
      verify(root.path, "etcd/ca", "etcd/healthcheck-client", ...client);
      for (const name of ["etcd/server", "etcd/peer"]) {
        verify(root.path, "etcd/ca", name, ...client);
        verify(root.path, "etcd/ca", name, ...server, "-verify_ip", "192.0.2.10");
      }
      assert.throws(() => verify(root.path, "etcd/ca", "apiserver"), /unable to get local issuer/);
      assert.throws(() => verify(root.path, "ca", "apiserver", ...client), /unsuitable/);
      for (const name of ["ca", "etcd/ca", "front-proxy-ca"]) {
        const text = openssl(
          "x509",
          "-noout",
          "-text",
          "-in",
          join(root.path, "pki", `${name}.crt`),
        );
        assert.match(text, /CA:TRUE/);
        assert.match(text, /Certificate Sign/);
      }
    });
  }

  it("writes kubeadm's files, private ones for root only", async () => {
    using root = await directoryWithPki();
    assert.deepEqual(listFiles(join(root.path, "pki")), PKI_FILES);
    assert.deepEqual(
      listFiles(root.path).filter((name) => !name.startsWith("pki/")),
      KUBECONFIGS,
    );
    for (const name of listFiles(root.path)) {
      const wanted = name.endsWith(".crt") ? 0o644 : 0o600;
      assert.equal(statSync(join(root.path, name)).mode & 0o777, wanted, name);
    }
  });

  it("makes service account keys that openssl reads as a pair of RSA keys", async () => {
    using root = await directoryWithPki();
    const [key, pub] = [join(root.path, "pki/sa.key"), join(root.path, "pki/sa.pub")];
    assert.equal(openssl("rsa", "-in", key, "-pubout"), readFileSync(pub, "utf8"));
  });

  it("gives ten years to authorities and one to certificates", async () => {
    using root = temporaryDirectory();
    const written = await initPki(optionsFor(root.path));
    const end = (name: string) => written.find((file) => file.path.endsWith(name))?.toMs;
    assert.equal(end("pki/ca.crt"), NOW + 3650 * DAY);
    assert.equal(end("pki/apiserver.crt"), NOW + 365 * DAY);
    assert.equal(end("admin.conf"), NOW + 365 * DAY);
    assert.equal(end("sa.key"), undefined);
  });

  it("writes dates after 2049 as openssl wants them", async () => {
    using root = temporaryDirectory();
    const nowMs = Date.parse("2045-06-01T00:00:00Z");
    await initPki(optionsFor(root.path, { nowMs }));
    const dates = openssl("x509", "-noout", "-dates", "-in", join(root.path, "pki/ca.crt"));
    assert.match(dates, /notBefore=May 31 23:55:00 2045 GMT\nnotAfter=May 30 00:00:00 2055 GMT/);
  });

  it("puts users and groups that Kubernetes knows into the kubeconfigs", async () => {
    using root = await directoryWithPki();
    const subject = (file: string) => {
      const { certificatePem, server, caPem } = readKubeconfig(
        readFileSync(join(root.path, file), "utf8"),
      );
      assert.equal(caPem, readFileSync(join(root.path, "pki/ca.crt"), "utf8"));
      return [new X509Certificate(certificatePem ?? "").subject, server];
    };
    assert.deepEqual(subject("admin.conf"), [
      "O=system:masters\nCN=kubernetes-admin",
      "https://api.example.com:6443",
    ]);
    assert.deepEqual(subject("controller-manager.conf"), [
      "CN=system:kube-controller-manager",
      "https://192.0.2.10:6443",
    ]);
    assert.deepEqual(subject("scheduler.conf")[0], "CN=system:kube-scheduler");
    assert.deepEqual(subject("kubelet.conf")[0], "O=system:nodes\nCN=system:node:cp-1");
  });

  it("refuses to overwrite anything and then writes nothing", async () => {
    using root = await directoryWithPki();
    rmSync(join(root.path, "pki/ca.crt"));
    const before = listFiles(root.path);
    await assert.rejects(initPki(optionsFor(root.path)), /exists; nothing was written/);
    assert.deepEqual(listFiles(root.path), before);
  });
});

describe("renewPki()", () => {
  const later = NOW + 300 * DAY;

  it("keeps authorities, keys and service account keys, and issues the rest anew", async () => {
    using root = await directoryWithPki();
    const read = (name: string) => readFileSync(join(root.path, name), "utf8");
    const kept = [
      ...PKI_FILES.filter((name) => !name.endsWith(".crt")),
      ...["ca", "etcd/ca"].map((name) => `${name}.crt`),
    ]
      .map((name) => join("pki", name));
    const before = new Map(kept.map((name) => [name, read(name)]));
    const oldServing = read("pki/apiserver.crt");
    await renewPki(optionsFor(root.path, { nowMs: later }));
    for (const [name, text] of before) assert.equal(read(name), text, name);
    const serving = new X509Certificate(read("pki/apiserver.crt"));
    assert.notEqual(serving.toString(), oldServing);
    assert.equal(Date.parse(serving.validTo), later + 365 * DAY);
    const at = ["-attime", String(later / 1000)];
    assert.match(verify(root.path, "ca", "apiserver", "-purpose", "sslserver", ...at), /OK/);
    const report = await checkPki({ ...optionsFor(root.path), nowMs: later });
    assert.deepEqual(report.findings, []);
  });

  it("keeps names of the old serving certificate and adds new ones", async () => {
    using root = await directoryWithPki();
    await renewPki(optionsFor(root.path, {
      identity: { ...identity, apiServerNames: ["new.example.com"] },
    }));
    const serving = new X509Certificate(readFileSync(join(root.path, "pki/apiserver.crt")));
    for (const name of [...identity.apiServerNames, "new.example.com"]) {
      const found = /^[\d.]+$|:/.test(name) ? serving.checkIP(name) : serving.checkHost(name);
      assert.notEqual(found, undefined, name);
    }
  });

  it("makes what is missing, also its key", async () => {
    using root = await directoryWithPki();
    for (const name of ["pki/etcd/peer.crt", "pki/etcd/peer.key", "scheduler.conf"]) {
      rmSync(join(root.path, name));
    }
    await renewPki(optionsFor(root.path));
    assert.deepEqual((await checkPki(optionsFor(root.path))).findings, []);
  });

  it("works with an authority that openssl made", async () => {
    using root = await directoryWithPki();
    const path = (name: string) => join(root.path, "pki", name);
    openssl(
      ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9999", "-sha256"],
      ...["-subj", "/C=DE/O=Example GmbH/CN=Wurzel Ä", "-utf8"],
      ...["-keyout", path("ca.key"), "-out", path("ca.crt")],
    );
    chmodSync(path("ca.key"), 0o600);
    const nowMs = Date.now();
    await renewPki(optionsFor(root.path, { nowMs }));
    assert.match(openssl("verify", "-CAfile", path("ca.crt"), path("apiserver.crt")), /OK/);
    const issuer = (name: string, what: string) =>
      openssl("x509", "-noout", `-${what}`, "-in", path(name)).split("=").slice(1).join("=");
    assert.equal(issuer("apiserver.crt", "issuer"), issuer("ca.crt", "subject"));
  });

  it("refuses without an authority's key, and says which", async () => {
    using root = await directoryWithPki();
    rmSync(join(root.path, "pki/etcd/ca.key"));
    await assert.rejects(
      renewPki(optionsFor(root.path)),
      /etcd\/ca\.key" is missing; nothing was written/,
    );
  });

  it("refuses with an expired authority", async () => {
    using root = await directoryWithPki();
    await assert.rejects(
      renewPki(optionsFor(root.path, { nowMs: NOW + 3651 * DAY })),
      /authority ".*\/ca\.crt" has expired/,
    );
  });

  it("leaves a kubelet.conf alone that names rotated files", async () => {
    using root = await directoryWithPki();
    const rotated = "users:\n- user:\n    client-certificate: /var/lib/kubelet/pki/current.pem\n";
    writeFileSync(join(root.path, "kubelet.conf"), rotated);
    await renewPki(optionsFor(root.path));
    assert.equal(readFileSync(join(root.path, "kubelet.conf"), "utf8"), rotated);
  });
});

describe("checkPki()", () => {
  it("lists every certificate with its end, and finds nothing wrong with a new PKI", async () => {
    using root = await directoryWithPki();
    const report = await checkPki(optionsFor(root.path));
    assert.deepEqual(report.findings, []);
    assert.equal(report.certificates.length, 3 + 7 + 4);
    assert.equal(report.certificates[0]?.toMs, NOW + 3650 * DAY);
  });

  it("warns 30 days before the end and finds what has expired", async () => {
    using root = await directoryWithPki();
    const codes = async (nowMs: number) => {
      const { findings } = await checkPki({ ...optionsFor(root.path), nowMs });
      return [...new Set(findings.map((finding) => finding.code))];
    };
    assert.deepEqual(await codes(NOW + 334 * DAY), []);
    assert.deepEqual(await codes(NOW + 336 * DAY), ["expires-soon"]);
    assert.deepEqual(await codes(NOW + 366 * DAY), ["expired"]);
  });
});
