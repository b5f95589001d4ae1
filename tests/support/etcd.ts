/** Real etcd for tests: one member or three, in the clear or with certificates on both sides. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { errorText, systemClock } from "../../mod/core/mod.ts";
import { connectEtcd, type Etcd, type EtcdOptions } from "../../mod/etcd/mod.ts";
import { issueCertificate, type Usage } from "../../mod/pki/certificate.ts";
import { Maintenance } from "../../mod/etcd/gen/etcd.ts";
import { formatPrivateKey, generateKey, type KeyPair } from "../../mod/pki/keys.ts";
import { freePorts } from "./node.ts";
import { findProgram } from "./programs.ts";
import { makeTempDir, type TempDir } from "./temp_dir.ts";

/** For `describe` and `it`: why real etcd cannot run here; false if it can. */
export const UNLESS_ETCD: false | string =
  ["etcd", "etcdctl"].every((name) => findProgram(name) !== undefined) ||
    process.env.PODSTEAD_NO_SKIP === "1"
    ? false
    : "etcd or etcdctl not found: apt-get install etcd-server etcd-client";

/** Longer than a busy machine takes to start etcd. */
const START_LIMIT_MS = 60_000;
const DAY_MS = 86_400_000;

/** Certificate and key in PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** An authority for the tests. */
export class TestAuthority {
  readonly cert: string;
  readonly #keys: KeyPair;

  private constructor(cert: string, keys: KeyPair) {
    this.cert = cert;
    this.#keys = keys;
  }

  static async make(): Promise<TestAuthority> {
    const keys = await generateKey("ECDSA-P256");
    const cert = issueCertificate({
      subject: { commonName: "test-ca" },
      publicKey: keys.publicKey,
      ...validity(),
      kind: { ca: true },
    }, { privateKey: keys.privateKey });
    return new TestAuthority(cert, keys);
  }

  /** @param host an address of a server */
  async issue(
    commonName: string,
    usages: readonly Usage[] = ["client"],
    host = "127.0.0.1",
  ): Promise<Identity> {
    const keys = await generateKey("ECDSA-P256");
    const names = usages.includes("server") ? [...new Set(["127.0.0.1", host]), "localhost"] : [];
    const cert = issueCertificate({
      subject: { commonName },
      publicKey: keys.publicKey,
      ...validity(),
      kind: { ca: false, usages, names },
    }, { privateKey: this.#keys.privateKey, certificate: new X509Certificate(this.cert) });
    return { cert, key: formatPrivateKey(keys.privateKey) };
  }
}

function validity() {
  const now = systemClock.now();
  return { fromMs: now - DAY_MS, toMs: now + DAY_MS };
}

/** One member of a cluster. */
class Member {
  readonly name: string;
  readonly args: readonly string[];
  readonly #log: string;
  #process: ChildProcess | undefined;

  constructor(name: string, args: readonly string[], log: string) {
    this.name = name;
    this.args = args;
    this.#log = log;
  }

  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error(`${this.name} does not run`);
    return pid;
  }

  start(extra: readonly string[] = []): void {
    const log = openSync(this.#log, "a");
    this.#process = spawn("etcd", [...this.args, ...extra], {
      stdio: ["ignore", log, log],
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/bin` },
    });
    closeSync(log);
    this.#process.unref();
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  pause(): void {
    process.kill(this.pid, "SIGSTOP");
  }

  resume(): void {
    process.kill(this.pid, "SIGCONT");
  }

  log(): string {
    return readFileSync(this.#log, "utf8").slice(-2000);
  }
}

/** A cluster of its own, below one temporary directory. */
export class TestEtcd implements AsyncDisposable {
  readonly #temp: TempDir;
  readonly members: readonly Member[];
  /** Of clients, in the order of the members. */
  readonly endpoints: readonly string[];
  readonly authority: TestAuthority | undefined;
  readonly #clients: Etcd[] = [];

  private constructor(
    temp: TempDir,
    members: readonly Member[],
    endpoints: readonly string[],
    authority: TestAuthority | undefined,
  ) {
    this.#temp = temp;
    this.members = members;
    this.endpoints = endpoints;
    this.authority = authority;
  }

  /** Starts the members; resolves when there is a leader. */
  static async start(
    { size = 1, tls = false, args = [], host = "127.0.0.1" }: {
      readonly size?: number;
      /** Where clients reach it. */
      readonly host?: string;
      readonly tls?: boolean;
      readonly args?: readonly string[];
    } = {},
  ): Promise<TestEtcd> {
    const temp = await makeTempDir("etcd");
    const ports = await freePorts(size * 2);
    const authority = tls ? await TestAuthority.make() : undefined;
    const scheme = tls ? "https" : "http";
    if (authority !== undefined) {
      const server = await authority.issue("etcd-server", ["server", "client"], host);
      await writeFile(join(temp.path, "ca.crt"), authority.cert);
      await writeFile(join(temp.path, "server.crt"), server.cert);
      await writeFile(join(temp.path, "server.key"), server.key, { mode: 0o600 });
    }
    const peers = Array.from({ length: size }, (_, i) => `http://127.0.0.1:${ports[size + i]}`);
    const endpoints = Array.from({ length: size }, (_, i) => `${scheme}://${host}:${ports[i]}`);
    const cluster = peers.map((url, i) => `m${i}=${url}`).join(",");
    const members = peers.map((peer, i) =>
      new Member(`m${i}`, [
        ...["--name", `m${i}`, "--data-dir", join(temp.path, `m${i}`)],
        ...[
          "--listen-client-urls",
          `${endpoints[i]}`,
          "--advertise-client-urls",
          `${endpoints[i]}`,
        ],
        ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
        ...["--initial-cluster", cluster, "--initial-cluster-token", temp.path],
        ...(tls
          ? [
            ...["--cert-file", join(temp.path, "server.crt")],
            ...["--key-file", join(temp.path, "server.key")],
            ...["--trusted-ca-file", join(temp.path, "ca.crt"), "--client-cert-auth"],
          ]
          : []),
        ...args,
      ], join(temp.path, `m${i}.log`))
    );
    const etcd = new TestEtcd(temp, members, endpoints, authority);
    for (const member of members) member.start();
    await etcd.ready();
    return etcd;
  }

  get directory(): string {
    return this.#temp.path;
  }

  /** The member that leads now. */
  async leader(): Promise<Member> {
    for (const [at, endpoint] of this.endpoints.entries()) {
      const etcd = this.connect({ endpoints: [endpoint] });
      const status = await etcd.call(Maintenance.method.status, {}).catch(() => undefined);
      const member = this.members[at];
      if (status !== undefined && status.leader === status.header?.memberId && member) {
        return member;
      }
    }
    throw new Error("etcd has no leader");
  }

  /** Saves everything to a file. */
  async backup(identity?: Identity): Promise<string> {
    const file = join(this.#temp.path, "backup.db");
    await rm(file, { force: true });
    await this.#etcdctl(identity, [
      "--endpoints",
      this.endpoints[0] ?? "",
      "snapshot",
      "save",
      file,
    ]);
    return file;
  }

  /** Stops every member and starts all of them from a backup, as a new cluster. */
  async restore(file: string): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    for (const { name, args } of this.members) {
      const valueOf = (flag: string) => args[args.indexOf(flag) + 1] ?? "";
      await rm(valueOf("--data-dir"), { recursive: true, force: true });
      await this.#etcdctl(undefined, [
        ...["snapshot", "restore", file, "--name", name, "--data-dir", valueOf("--data-dir")],
        ...["--initial-cluster", valueOf("--initial-cluster")],
        ...["--initial-cluster-token", "restored"],
        ...["--initial-advertise-peer-urls", valueOf("--initial-advertise-peer-urls")],
      ]);
    }
    for (const member of this.members) member.start();
  }

  async #etcdctl(identity: Identity | undefined, args: readonly string[]): Promise<void> {
    const tls: string[] = [];
    if (identity !== undefined) {
      await writeFile(join(this.#temp.path, "ctl.crt"), identity.cert);
      await writeFile(join(this.#temp.path, "ctl.key"), identity.key, { mode: 0o600 });
      tls.push("--cacert", join(this.#temp.path, "ca.crt"));
      tls.push(
        "--cert",
        join(this.#temp.path, "ctl.crt"),
        "--key",
        join(this.#temp.path, "ctl.key"),
      );
    }
    await promisify(execFile)("etcdctl", [...tls, ...args], {
      env: { ...process.env, ETCDCTL_API: "3" },
    });
  }

  /** Resolves when a read goes through. */
  async ready(identity?: Identity): Promise<void> {
    const etcd = this.connect(identity === undefined ? {} : { identity });
    const giveUpAt = performance.now() + START_LIMIT_MS;
    for (;;) {
      try {
        await etcd.read({ key: "ready" });
        return;
      } catch (error) {
        if (/refuses/.test(errorText(error))) return;
        if (performance.now() > giveUpAt) {
          throw new Error(`etcd did not start: ${errorText(error)}\n${this.members[0]?.log()}`);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** A client of it, closed with the cluster; with certificates, one of `admin` unless named. */
  connect(
    { identity, ...options }: Partial<EtcdOptions> & { readonly identity?: Identity } = {},
  ): Etcd {
    const made = connectEtcd({
      clock: systemClock,
      endpoints: this.endpoints,
      ...(this.authority === undefined ? {} : {
        certificates: certificatesOf(this.authority, identity ?? this.#server()),
      }),
      ...options,
    });
    this.#clients.push(made);
    return made;
  }

  #server(): Identity {
    const read = (name: string) => readFileSync(join(this.#temp.path, name), "utf8");
    return { cert: read("server.crt"), key: read("server.key") };
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    for (const member of this.members) {
      await member.kill();
    }
    await rm(this.#temp.path, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function certificatesOf({ cert: ca }: TestAuthority, identity: Identity) {
  return () => ({ ca, ...identity });
}
