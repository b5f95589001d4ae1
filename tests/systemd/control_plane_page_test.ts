/**
 * docs/control-plane.md, "One node", as a person follows it: its files, and its commands in their
 * order, on a booted Debian with Kubernetes' own programs, to a node that is Ready. Where this
 * machine has no such programs the suite is skipped, and its name says which are missing.
 */
import { execFileSync } from "node:child_process";
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { after, before, it } from "@std/testing/bdd";
import { errorText } from "../../mod/core/mod.ts";
import { eventually } from "../support/eventually.ts";
import { buildImageArchive, type ImageRecipe, PAUSE_IMAGE } from "../support/images.ts";
import { findProgram, isStaticElf } from "../support/programs.ts";
import { describeUnless } from "../support/unless.ts";
import { compilePodstead, makeRoot, whyNoMachine } from "./image.ts";
import { Machine } from "./machine.ts";

const COMPONENTS = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];
const ADDRESS = "192.0.2.10";

/** The part of the page from an empty Debian to a node that is Ready. */
const PART = readFileSync(new URL("../../docs/control-plane.md", import.meta.url), "utf8")
  .split("\n## One node\n")[1]?.split("\n## ")[0] ?? "";

/** The blocks of one language, in their order. */
function blocks(language: string): readonly string[] {
  return [...PART.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))]
    .map(([, text = ""]) => text);
}

/** Commands that are not run here, by how they begin, and why. */
const NOT_RUN: readonly (readonly [string, string])[] = [
  ["apt-get ", "its packages are in the root already: the machine has no network"],
  ["swapoff ", "the kernel, and its swap, are those of this computer"],
  ["echo net.", "the kernel is that of this computer"],
  ["sysctl ", "the kernel is that of this computer"],
];

/** Programs that this machine lacks for it. */
async function whyNot(): Promise<string | undefined> {
  const missing = ["kubelet", "etcd", ...COMPONENTS].filter((name) => !findProgram(name));
  if (missing.length > 0) return `needs Kubernetes' own ${missing.join(", ")} in PATH`;
  return await whyNoMachine();
}

/** `v1.36.2` */
function versionOf(program: string): string {
  const told = execFileSync(findProgram(program) ?? program, ["--version"], { encoding: "utf8" });
  return /\d+\.\d+\.\d+/.exec(told)?.[0] ?? "";
}

/** A program in an image, with the libraries that it is linked to. */
function filesOf(program: string): Readonly<Record<string, string>> {
  const path = findProgram(program) ?? program;
  const libraries = isStaticElf(path)
    ? []
    : [...execFileSync("ldd", [path], { encoding: "utf8" }).matchAll(/(\/\S+) \(0x/g)]
      .map(([, library = ""]) => library);
  return {
    [`bin/${basename(path)}`]: path,
    ...Object.fromEntries(libraries.map((library) => [library.slice(1), library])),
  };
}

const etcdImage = () => `registry.k8s.io/etcd:${versionOf("etcd")}-0`;

function images(): readonly ImageRecipe[] {
  const version = versionOf("kube-apiserver");
  return [
    { name: PAUSE_IMAGE, entrypoint: ["/bin/sleep", "2147483647"] },
    { name: etcdImage(), entrypoint: [], files: filesOf("etcd") },
    ...COMPONENTS.map((name): ImageRecipe => ({
      name: `registry.k8s.io/${name}:v${version}`,
      entrypoint: [],
      files: filesOf(name),
    })),
  ];
}

/** The page's config, for the versions that this machine has. */
function controlPlaneConfig(text: string): string {
  return text.replace(/v1\.\d+\.\d+/, `v${versionOf("kube-apiserver")}`)
    .replace("etcd: {}", `etcd: { image: "${etcdImage()}" }`);
}

/** What a container has otherwise than a computer; the page's own files say the rest. */
const KUBELET_IN_CONTAINER = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: cgroupfs
failCgroupV1: false
cgroupsPerQOS: false
enforceNodeAllocatable: [none]
failSwapOn: false
evictionHard: { memory.available: 50Mi, nodefs.available: 1%, imagefs.available: 1% }
`;
const SYSCTLS = {
  "vm/overcommit_memory": 1,
  "vm/panic_on_oom": 0,
  "kernel/panic": 10,
  "kernel/panic_on_oops": 1,
  "kernel/keys/root_maxkeys": 1_000_000,
  "kernel/keys/root_maxbytes": 25_000_000,
};
const CONTAINER_SETUP = [
  `ip link add node0 type bridge && ip address add ${ADDRESS}/24 dev node0`,
  "ip link set node0 up && ip route add default dev node0",
  // The kubelet reads these, and would set them otherwise.
  ...Object.entries(SYSCTLS).map(([path, value]) => {
    const file = `/run/${path.replaceAll("/", "_")}`;
    return `echo ${value} > ${file} && mount --bind ${file} /proc/sys/${path}`;
  }),
  "for one in /sys/fs/cgroup/*/; do mount -o remount,rw,bind $one 2>/dev/null || true; done",
];
/** runc may neither lower the OOM score here, nor ask this systemd for slices. */
const CONTAINERD_IN_CONTAINER = [
  "sed -i 's/restrict_oom_score_adj = false/restrict_oom_score_adj = true/' /etc/containerd/config.toml",
  "sed -i 's/SystemdCgroup = true/SystemdCgroup = false/' /etc/containerd/config.toml",
];

const reason = await whyNot();

describeUnless(reason, "docs/control-plane.md with Kubernetes' own programs", () => {
  let base: string;
  let machine: Machine;

  before(async () => {
    base = await mkdtemp("/var/tmp/podstead-page-");
    const root = join(base, "root");
    mkdirSync(root);
    await makeRoot("bookworm", root, [
      "iptables",
      "containernetworking-plugins",
      "curl",
      "iproute2",
    ]);
    await compilePodstead(join(root, "usr/local/bin/podstead"));
    for (const program of ["kubelet", "kubectl"]) {
      const path = findProgram(program);
      if (path !== undefined) cpSync(path, join(root, "usr/bin", program), { dereference: true });
    }
    const put = (path: string, text: string | Uint8Array) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    const [kubelet = "", config = ""] = blocks("yaml");
    put("/etc/hostname", "cp-1\n");
    put("/etc/kubernetes/kubelet.yaml", kubelet);
    put("/etc/kubernetes/kubelet.conf.d/10-container.conf", KUBELET_IN_CONTAINER);
    put("/etc/systemd/system/kubelet.service", blocks("ini")[0] ?? "");
    put("/root/control-plane.yaml", controlPlaneConfig(config));
    put("/etc/cni/net.d/10-bridge.conflist", blocks("json")[0] ?? "");
    put("/root/images.tar", buildImageArchive(images(), findProgram("busybox") ?? ""));
    machine = await Machine.boot(root, { forKubelet: true });
    for (const line of CONTAINER_SETUP) await machine.ok(line);
  });
  after(async () => {
    await machine?.powerOff();
    await rm(base, { recursive: true, force: true });
  });

  it("leads from an empty Debian to a node that is Ready", async () => {
    try {
      await follow();
    } catch (error) {
      const { stdout } = await machine.run("journalctl -u kubelet -u podstead -o cat -n 15");
      throw new Error(`${errorText(error)}\n${stdout}`, { cause: error });
    }
  });

  /** Runs the commands of the page. */
  async function follow(): Promise<void> {
    const lines = blocks("sh").flatMap((block) => block.trim().split("\n"))
      .map((line) => line.replaceAll("sudo ", ""));
    for (const line of lines) {
      if (NOT_RUN.some(([start]) => line.startsWith(start))) continue;
      if (line.startsWith("kubectl ")) {
        await ready();
        if (findProgram("kubectl") === undefined) continue;
      }
      if (line === "systemctl restart containerd") {
        for (const change of CONTAINERD_IN_CONTAINER) await machine.ok(change);
        await machine.ok(`${line} && ctr -n k8s.io images import /root/images.tar`);
        continue;
      }
      // It shows changes until it is ended.
      const ends = / -w$/.test(line) ? `timeout 5 ${line} || [ $? = 124 ]` : line;
      await machine.ok(`cd /root && export HOME=/root && ${ends}`);
    }
    await eventually(async () => {
      const told = await machine.run("podstead");
      assert.equal(told.code, 0, told.stdout + told.stderr);
      assert.match(told.stdout, /All 4 pods are well/);
    }, 90_000);
  }

  /** Waits until the API server says that the node is Ready. */
  async function ready(): Promise<void> {
    const credential = (name: string) =>
      machine.ok(
        `sed -n 's/.*${name}-data: //p' /etc/kubernetes/admin.conf | base64 -d > /run/${name}`,
      );
    await credential("client-certificate");
    await credential("client-key");
    await eventually(async () => {
      const node = await machine.ok(
        "curl -sS --cacert /etc/kubernetes/pki/ca.crt --cert /run/client-certificate " +
          `--key /run/client-key https://${ADDRESS}:6443/api/v1/nodes/cp-1`,
      );
      const { conditions } = JSON.parse(node).status as {
        readonly conditions: readonly { readonly type: string; readonly status: string }[];
      };
      assert.equal(conditions.find(({ type }) => type === "Ready")?.status, "True", node);
    }, 120_000);
  }
});
