/**
 * Three control plane nodes with stacked etcd: real etcd processes in network
 * namespaces, each started with the command line that podstead renders for its
 * node, on certificates that `pki init` and `pki init --from` make.
 */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { renderControlPlane } from "../../mod/controlplane/mod.ts";
import { initPki, pkiPlaceOf } from "../../mod/pki/mod.ts";
import { eventually } from "../support/eventually.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";
import { configOf } from "./support.ts";
import { describeUnless } from "../support/unless.ts";

const hasAll = ["ip", "etcd", "curl"].every((program) => {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});
const skip = process.getuid?.() === 0 && hasAll
  ? false
  : "needs root, iproute2, curl and Debian's etcd-server";

/** Namespaces of this process, so that two runs do not meet. */
const PREFIX = `ps${process.pid}`;
const ip = (...args: string[]) => execFileSync("ip", args, { stdio: ["ignore", "pipe", "pipe"] });

class EtcdNode {
  readonly name: string;
  readonly address: string;
  readonly namespace: string;
  readonly root: string;
  #process: ChildProcess | undefined;

  constructor(index: number, root: string) {
    this.name = `cp-${index}`;
    this.address = `10.77.0.${index}`;
    this.namespace = `${PREFIX}-${index}`;
    this.root = join(root, this.name);
  }

  get peer(): string {
    return `${this.name}=https://${this.address}:2380`;
  }

  /** Its settings, as the node's config file has them. */
  #config(etcd: Record<string, unknown>) {
    return configOf({
      pkiDirectory: join(this.root, "pki"),
      kubeconfigDirectory: this.root,
      etcd: {
        dataDirectory: join(this.root, "data"),
        image: "registry.example.com/etcd:3.4.23-0",
        ...etcd,
      },
    });
  }

  async makePki(first?: EtcdNode): Promise<void> {
    await initPki({
      ...pkiPlaceOf(this.#config({}), this),
      keyType: "ECDSA-P256",
      nowMs: Date.now(),
      ...(first === undefined ? {} : { from: join(first.root, "pki") }),
    });
  }

  start(etcd: Record<string, unknown>): void {
    const plan = renderControlPlane(this.#config(etcd), this);
    const pod = plan.pods.find(({ component }) => component === "etcd")?.pod;
    // As podstead renders it: one container with a command.
    const { spec: { containers: [{ command: [program, ...args] }] } } = JSON.parse(
      JSON.stringify(pod),
    );
    mkdirSync(join(this.root, "data"), { recursive: true, mode: 0o700 });
    this.#process = spawn("ip", ["netns", "exec", this.namespace, program, ...args], {
      stdio: "ignore",
    });
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  /** Asks this node's own endpoint as its API server would. */
  ask(path: string, body: unknown): Record<string, unknown> {
    const pki = join(this.root, "pki");
    const text = execFileSync("ip", [
      ...["netns", "exec", this.namespace, "curl", "-sS", "--fail", "--max-time", "5"],
      ...["--cacert", `${pki}/etcd/ca.crt`, "--cert", `${pki}/apiserver-etcd-client.crt`],
      ...["--key", `${pki}/apiserver-etcd-client.key`, "-d", JSON.stringify(body)],
      `https://127.0.0.1:2379${path}`,
    ], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    return JSON.parse(text);
  }
}

const KEY = btoa("greeting");

describeUnless(skip, "three control plane nodes with stacked etcd", () => {
  let directory: TempDir;
  let nodes: readonly [EtcdNode, EtcdNode, EtcdNode];

  before(async () => {
    directory = await makeTempDir("etcds");
    const made = [1, 2, 3].map((index) => new EtcdNode(index, directory.path));
    nodes = made as unknown as typeof nodes;
    ip("netns", "add", `${PREFIX}-net`);
    const inNet = (...args: string[]) => ip("-n", `${PREFIX}-net`, ...args);
    inNet("link", "add", "bridge", "type", "bridge");
    inNet("link", "set", "bridge", "up");
    for (const { namespace, address, name } of nodes) {
      ip("netns", "add", namespace);
      ip("-n", namespace, "link", "set", "lo", "up");
      inNet("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", namespace);
      inNet("link", "set", name, "master", "bridge", "up");
      ip("-n", namespace, "addr", "add", `${address}/24`, "dev", "eth0");
      ip("-n", namespace, "link", "set", "eth0", "up");
    }
  });
  after(async () => {
    for (const node of nodes) await node.stop();
    for (const name of [...nodes.map(({ namespace }) => namespace), `${PREFIX}-net`]) {
      ip("netns", "delete", name);
    }
    await directory.remove();
  });

  it("starts with one, which the others join one after another", async () => {
    const [first, second, third] = nodes;
    await first.makePki();
    first.start({});
    await eventually(() => first.ask("/v3/kv/put", { key: KEY, value: btoa("hello") }));
    const members = [first.peer];
    for (const joining of [second, third]) {
      await joining.makePki(first);
      const peerURLs = [`https://${joining.address}:2380`];
      await eventually(() => first.ask("/v3/cluster/member/add", { peerURLs }));
      members.push(joining.peer);
      joining.start({ initialCluster: members, initialClusterState: "existing" });
      await eventually(() => {
        const { kvs } = joining.ask("/v3/kv/range", { key: KEY });
        assert.deepEqual((kvs as { value: string }[]).map(({ value }) => atob(value)), ["hello"]);
      });
    }
    const { members: listed } = third.ask("/v3/cluster/member/list", {});
    const names = (listed as { name: string }[]).map(({ name }) => name).sort();
    assert.deepEqual(names, ["cp-1", "cp-2", "cp-3"]);
  });

  it("goes on without the node that founded it", async () => {
    const [first, second, third] = nodes;
    await first.stop();
    await eventually(() => second.ask("/v3/kv/put", { key: KEY, value: btoa("still here") }));
    const { kvs } = third.ask("/v3/kv/range", { key: KEY });
    assert.deepEqual((kvs as { value: string }[]).map(({ value }) => atob(value)), ["still here"]);
  });

  it("takes the founder back with the settings that it had, and the data that it kept", async () => {
    const [first] = nodes;
    first.start({});
    await eventually(() => {
      const { kvs } = first.ask("/v3/kv/range", { key: KEY });
      assert.deepEqual((kvs as { value: string }[]).map(({ value }) => atob(value)), [
        "still here",
      ]);
    });
  });
});
