import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { initPki, type PkiIdentity, type PkiOptions } from "../../mod/pki/mod.ts";

export const NOW = Date.parse("2026-11-24T12:00:00Z");
export const DAY = 24 * 60 * 60 * 1000;

export const identity: PkiIdentity = {
  nodeName: "cp-1",
  advertiseAddress: "192.0.2.10",
  apiServerNames: [
    "cp-1",
    "kubernetes.default.svc.cluster.local",
    "10.96.0.1",
    "192.0.2.10",
    "2001:db8::10",
  ],
  clusterName: "kubernetes",
  localServer: "https://192.0.2.10:6443",
  clusterServer: "https://api.example.com:6443",
};

/** A directory that goes when `using` ends. */
export function temporaryDirectory(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "podstead-pki-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Only root may give files to root. */
export const OWNER = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

export function optionsFor(root: string, more: Partial<PkiOptions> = {}): PkiOptions {
  return {
    directory: join(root, "pki"),
    kubeconfigDirectory: root,
    identity,
    keyType: "ECDSA-P256",
    nowMs: NOW,
    owner: OWNER,
    ...more,
  };
}

let template: Promise<string> | undefined;

/** A directory with a PKI of `NOW`; made once, since RSA keys take their time, and then copied. */
export async function directoryWithPki(): Promise<{ readonly path: string } & Disposable> {
  template ??= (async () => {
    const path = mkdtempSync(join(tmpdir(), "podstead-pki-template-"));
    process.on("exit", () => rmSync(path, { recursive: true, force: true }));
    await initPki(optionsFor(path));
    return path;
  })();
  const directory = temporaryDirectory();
  cpSync(await template, directory.path, { recursive: true });
  return directory;
}

/** openssl's opinion; throws with its words where it refuses. */
export function openssl(...args: string[]): string {
  return execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
