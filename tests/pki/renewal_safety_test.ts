/** A renewal replaces all files or none, and keeps who is who. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type ControlPlaneFs,
  formatKubeconfig,
  nodeFs,
  readKubeconfig,
} from "../../mod/controlplane/mod.ts";
import type { PodsteadError } from "../../mod/core/mod.ts";
import { checkPki, clientKubeconfig, renewPki, trySwap } from "../../mod/pki/mod.ts";
import { DAY, directoryWithPki, NOW, openssl, optionsFor } from "./support.ts";

const LATER = NOW + 300 * DAY;

/** Every file below a directory, with its content. */
function contents(root: string): ReadonlyMap<string, string> {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(root, name)).isFile()).sort();
  return new Map(names.map((name) => [name, readFileSync(join(root, name), "utf8")]));
}

/** The real file system, but for one file that cannot be replaced; `seen` collects those that were. */
function failingAt(path: string, seen: string[] = []): ControlPlaneFs {
  return {
    ...nodeFs,
    async replace(target, content, ownership) {
      if (target === path) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
      seen.push(target);
      await nodeFs.replace(target, content, ownership);
    },
  };
}

describe("renewPki() as a whole", () => {
  it("puts everything back when one file cannot be replaced", async () => {
    using root = await directoryWithPki();
    const before = contents(root.path);
    const replaced: string[] = [];
    const last = join(root.path, "scheduler.conf");
    await assert.rejects(
      renewPki(optionsFor(root.path, { nowMs: LATER, fs: failingAt(last, replaced) })),
      /Cannot write ".*scheduler\.conf": no space left/,
    );
    assert.ok(replaced.includes(join(root.path, "pki/apiserver.crt")));
    const after = contents(root.path);
    assert.deepEqual(after, before);
  });

  it("replaces nothing when a file cannot be made ready, and leaves no half of it", async () => {
    using root = await directoryWithPki();
    const before = contents(root.path);
    const fs: ControlPlaneFs = {
      ...nodeFs,
      replace(path, ...rest) {
        if (path.includes("pki-new-") && path.endsWith("peer.crt")) {
          return Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" }));
        }
        return nodeFs.replace(path, ...rest);
      },
    };
    await assert.rejects(renewPki(optionsFor(root.path, { nowMs: LATER, fs })), /full/);
    assert.deepEqual(contents(root.path), before);
  });

  it("says what is wrong where it may not write at all", async () => {
    using root = await directoryWithPki();
    const refused = () =>
      Promise.reject(Object.assign(new Error("read-only file system"), { code: "EROFS" }));
    const fs: ControlPlaneFs = { ...nodeFs, makeDirectory: refused, remove: refused };
    const options = optionsFor(root.path, { nowMs: LATER, fs });
    for (const attempt of [renewPki, trySwap]) {
      await assert.rejects(attempt(options), (error: PodsteadError) => {
        assert.match(error.message, /^Cannot write ".*pki-new-.*": read-only file system$/);
        assert.match(error.hint ?? "", /ReadWritePaths=/);
        return true;
      });
    }
  });

  it("replaces nothing when a new certificate does not stand up to the check", async () => {
    using root = await directoryWithPki();
    const before = contents(root.path);
    // The staged copy of one certificate is another's: what a fault of issuing would look like.
    const fs: ControlPlaneFs = {
      ...nodeFs,
      replace(path, content, ownership) {
        const wrong = path.includes("pki-new-") && path.endsWith("etcd/peer.crt");
        const text = wrong ? before.get("pki/apiserver.crt") ?? "" : undefined;
        return nodeFs.replace(path, text === undefined ? content : Buffer.from(text), ownership);
      },
    };
    await assert.rejects(
      renewPki(optionsFor(root.path, { nowMs: LATER, fs })),
      /peer\.crt" .*do not belong together.*nothing was replaced/,
    );
    assert.deepEqual(contents(root.path), before);
  });

  it("keeps the old files, and they bring the old PKI back", async () => {
    using root = await directoryWithPki();
    const before = contents(root.path);
    const { keptDirectory, written } = await renewPki(optionsFor(root.path, { nowMs: LATER }));
    assert.equal(statSync(keptDirectory).mode & 0o777, 0o700);
    assert.equal(written.length, 11);
    cpSync(join(keptDirectory, "pki"), join(root.path, "pki"), { recursive: true });
    cpSync(join(keptDirectory, "kubeconfig"), root.path, { recursive: true });
    rmSync(keptDirectory, { recursive: true });
    assert.deepEqual(contents(root.path), before);
  });

  it("says what is wrong with a file that cannot be read", async () => {
    using root = await directoryWithPki();
    writeFileSync(join(root.path, "pki/apiserver.crt"), "not a certificate");
    await assert.rejects(
      renewPki(optionsFor(root.path)),
      /Cannot renew: ".*apiserver\.crt" cannot be read: .*nothing was replaced/,
    );
  });

  it("refuses an authority whose key is another's", async () => {
    using root = await directoryWithPki();
    cpSync(join(root.path, "pki/etcd/ca.key"), join(root.path, "pki/ca.key"));
    await assert.rejects(renewPki(optionsFor(root.path)), /is not the key of ".*pki\/ca\.crt"/);
  });
});

describe("renewPki() of kubeadm's files", () => {
  /** A kubeconfig as kubeadm 1.29 and later writes it, with a group of its own. */
  async function writeKubeconfig(root: string, file: string, name: string, group: string) {
    const text = await clientKubeconfig({ name, groups: [group] }, optionsFor(root));
    writeFileSync(join(root, file), text, { mode: 0o600 });
  }
  const subjectOf = (path: string) => {
    const { certificatePem = "" } = readKubeconfig(readFileSync(path, "utf8"));
    return new X509Certificate(certificatePem).subject;
  };

  it("keeps the group of an administrator, and renews super-admin.conf", async () => {
    using root = await directoryWithPki();
    await writeKubeconfig(root.path, "admin.conf", "kubernetes-admin", "kubeadm:cluster-admins");
    await writeKubeconfig(
      root.path,
      "super-admin.conf",
      "kubernetes-super-admin",
      "system:masters",
    );
    const { written } = await renewPki(optionsFor(root.path, { nowMs: LATER }));
    const ends = written.filter(({ path }) => path.endsWith("admin.conf")).map(({ toMs }) => toMs);
    assert.deepEqual(ends, [LATER + 365 * DAY, LATER + 365 * DAY]);
    assert.equal(
      subjectOf(join(root.path, "admin.conf")),
      "O=kubeadm:cluster-admins\nCN=kubernetes-admin",
    );
    assert.equal(
      subjectOf(join(root.path, "super-admin.conf")),
      "O=system:masters\nCN=kubernetes-super-admin",
    );
  });

  it("changes nothing of a kubeconfig but the certificate", async () => {
    using root = await directoryWithPki();
    const path = join(root.path, "admin.conf");
    const text = `# ours\n${readFileSync(path, "utf8")}preferences: {colors: true}\n`;
    writeFileSync(path, text);
    await renewPki(optionsFor(root.path, { nowMs: LATER }));
    const line = /client-certificate-data: .*/;
    const after = readFileSync(path, "utf8");
    assert.notEqual(line.exec(after)?.[0], line.exec(text)?.[0]);
    assert.equal(after.replace(line, ""), text.replace(line, ""));
  });

  it("lists super-admin.conf and a certificate that the kubelet rotates", async () => {
    using root = await directoryWithPki();
    await writeKubeconfig(
      root.path,
      "super-admin.conf",
      "kubernetes-super-admin",
      "system:masters",
    );
    const kubelet = join(root.path, "kubelet.conf");
    const rotated = join(root.path, "kubelet-client-current.pem");
    const { certificatePem = "", keyPem = "" } = readKubeconfig(readFileSync(kubelet, "utf8"));
    writeFileSync(rotated, certificatePem + keyPem, { mode: 0o600 });
    writeFileSync(
      kubelet,
      formatKubeconfig({
        clusterName: "kubernetes",
        userName: "default-auth",
        server: "https://192.0.2.10:6443",
        ca: { path: join(root.path, "pki/ca.crt") },
        client: { certificatePath: rotated, keyPath: rotated },
      }),
      { mode: 0o600 },
    );
    const { certificates, findings } = await checkPki(optionsFor(root.path));
    assert.deepEqual(findings, []);
    const paths = certificates.map(({ path }) => path);
    assert.ok(paths.includes(rotated));
    assert.ok(paths.includes(join(root.path, "super-admin.conf")));
    const late = await checkPki({ ...optionsFor(root.path), nowMs: NOW + 366 * DAY });
    assert.ok(late.findings.some(({ path, code }) => path === rotated && code === "expired"));
  });
});

describe("clientKubeconfig()", () => {
  it("makes a client certificate that openssl accepts for the user and its groups", async () => {
    using root = await directoryWithPki();
    const text = await clientKubeconfig(
      { name: "jane@example.com", groups: ["developers", "ops + co"] },
      optionsFor(root.path, { certificateDays: 30 }),
    );
    const { certificatePem = "", server } = readKubeconfig(text);
    assert.equal(server, "https://api.example.com:6443");
    const path = join(root.path, "jane.crt");
    writeFileSync(path, certificatePem);
    const at = ["-attime", String(NOW / 1000), "-CAfile", join(root.path, "pki/ca.crt")];
    assert.match(openssl("verify", "-x509_strict", "-purpose", "sslclient", ...at, path), /OK/);
    assert.equal(
      openssl("x509", "-noout", "-subject", "-nameopt", "RFC2253", "-in", path).trim(),
      "subject=CN=jane@example.com,O=ops \\+ co,O=developers",
    );
    assert.equal(
      Date.parse(new X509Certificate(certificatePem).validTo),
      NOW + 30 * DAY,
    );
  });

  for (const name of ["", "a\nb", "x".repeat(65)]) {
    it(`refuses ${JSON.stringify(name.slice(0, 8))} as a name`, async () => {
      using root = await directoryWithPki();
      await assert.rejects(
        clientKubeconfig({ name, groups: [] }, optionsFor(root.path)),
        /1 to 64 characters/,
      );
    });
  }
});
