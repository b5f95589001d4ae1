/** Debian roots to boot, with containerd and a stand-in for the kubelet. Nothing of them is kept. */
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildImageArchive, PAUSE_IMAGE, TEST_IMAGES } from "../support/images.ts";
import { findProgram, isStaticElf } from "../support/programs.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const run = promisify(execFile);
/** Two at a time, on a busy machine with a slow network. */
const DEBOOTSTRAP_TIMEOUT_MS = 480_000;
const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));

/** What every root has. */
const PACKAGES = ["systemd", "systemd-sysv", "dbus", "containerd", "runc", "bash-completion"];

/** Releases of Debian, and what is special about their systemd. */
export type Release = "bookworm" | "trixie";

/** Programs that are missing here; undefined when all are there. */
export function missingProgram(): string | undefined {
  for (const program of ["debootstrap", "systemd-nspawn", "nsenter", "dpkg-deb", "busybox"]) {
    if (findProgram(program) === undefined) return program;
  }
  return isStaticElf(findProgram("busybox") ?? "") ? undefined : "busybox-static";
}

/**
 * Tries the smallest machine there is: a root with nothing but a busybox.
 *
 * @returns why no machine can be booted here; undefined when one can
 */
export async function whyNoMachine(): Promise<string | undefined> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs root on Linux";
  const missing = missingProgram();
  if (missing !== undefined) return `needs ${missing}`;
  await using directory = await makeTempDir("nspawn");
  const root = directory.path;
  mkdirSync(join(root, "usr/bin"), { recursive: true });
  mkdirSync(join(root, "etc"));
  writeFileSync(join(root, "etc/os-release"), "ID=probe\n");
  cpSync(findProgram("busybox") ?? "", join(root, "usr/bin/busybox"), { dereference: true });
  try {
    await run("systemd-nspawn", [
      `--directory=${root}`,
      "--register=no",
      "--keep-unit",
      "--private-network",
      "--quiet",
      "/usr/bin/busybox",
      "true",
    ], { timeout: 30_000 });
    return undefined;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return `systemd-nspawn does not work here: ${
      words.split("\n").slice(1).join(" ").slice(0, 200)
    }`;
  }
}

/**
 * Makes a root that can be booted. `PODSTEAD_SYSTEMD_ROOTS` may name a directory
 * outside of the repository with roots from earlier (`bookworm`, `trixie`), for
 * who runs this often; they are copied.
 *
 * @param packages besides those of every root
 */
export async function makeRoot(
  release: Release,
  root: string,
  packages: readonly string[] = [],
): Promise<void> {
  const name = [release, ...packages].join("+");
  const cached = join(process.env.PODSTEAD_SYSTEMD_ROOTS ?? "", name);
  if (process.env.PODSTEAD_SYSTEMD_ROOTS !== undefined && existsSync(cached)) {
    await run("cp", ["-a", `${cached}/.`, root]);
  } else {
    await run("debootstrap", [
      "--variant=minbase",
      `--include=${[...PACKAGES, ...packages].join(",")}`,
      release,
      root,
    ], { maxBuffer: 64 << 20, timeout: DEBOOTSTRAP_TIMEOUT_MS });
    // Where the mount was busy for a moment it leaves this machine's /proc there, and does not fail.
    await run("umount", ["--quiet", join(root, "proc")]).catch(() => undefined); // not mounted
    if (process.env.PODSTEAD_SYSTEMD_ROOTS !== undefined) {
      mkdirSync(dirname(cached), { recursive: true });
      await run("cp", ["-a", "--one-file-system", root, cached]);
    }
  }
  const file = (path: string, text: string | Uint8Array) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  file("/etc/hostname", "node-1\n");
  file("/etc/hosts", "127.0.0.1 localhost node-1\n");
  // Containers outlive containerd and are only ended by the shutdown itself.
  file("/etc/systemd/system.conf.d/test.conf", "[Manager]\nDefaultTimeoutStopSec=3s\n");
  file("/etc/containerd/config.toml", CONTAINERD_CONFIG);
  file("/root/images.tar", buildImageArchive(TEST_IMAGES, findProgram("busybox") ?? ""));
}

/** The machine's cgroups may lack controllers that the test does not need. */
const CONTAINERD_CONFIG = `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  disable_cgroup = true
  disable_apparmor = true
  restrict_oom_score_adj = true
`;

/** The kinds of nodes, by how their kubelet is set up. */
export type NodeKind = "kubelet-only" | "kubeadm";

/** Puts a kubelet into a root: the stand-in, its unit and its config, enabled. */
export function addKubelet(root: string, kind: NodeKind, standIn: string): void {
  const put = (name: string, path: string, mode = 0o644) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), readFileSync(new URL(`files/${name}`, import.meta.url)), {
      mode,
    });
  };
  cpSync(standIn, join(root, "/usr/bin/kubelet-stand-in"));
  put("kubelet.sh", "/usr/bin/kubelet", 0o755);
  const units = "/usr/lib/systemd/system";
  if (kind === "kubeadm") {
    put("kubeadm.service", `${units}/kubelet.service`);
    put("10-kubeadm.conf", `${units}/kubelet.service.d/10-kubeadm.conf`);
    put("kubelet.yaml", "/var/lib/kubelet/config.yaml");
  } else {
    put("kubelet-only.service", `${units}/kubelet.service`);
    put("kubelet.yaml", "/etc/kubernetes/kubelet.yaml");
    mkdirSync(join(root, "/etc/kubernetes/kubelet.conf.d"), { recursive: true });
  }
  mkdirSync(join(root, "/etc/kubernetes/manifests"), { recursive: true });
  mkdirSync(join(root, "/var/lib/kubelet"), { recursive: true });
  const wants = join(root, "/etc/systemd/system/multi-user.target.wants");
  mkdirSync(wants, { recursive: true });
  symlinkSync(`${units}/kubelet.service`, join(wants, "kubelet.service"));
}

/** Compiles the kubelet stand-in into one executable, once for all roots. */
export async function compileKubelet(outfile: string): Promise<void> {
  await run(join(REPOSITORY, "node_modules/.bin/bun"), [
    "build",
    "--compile",
    "--minify",
    "--format=esm",
    join(REPOSITORY, "tests/support/kubelet/main.ts"),
    "--outfile",
    outfile,
  ]);
}

/** Compiles podstead as a release does. */
export async function compilePodstead(outfile: string): Promise<void> {
  await run(process.execPath, ["run", "-A", "packaging/compile.ts", "--outfile", outfile], {
    cwd: REPOSITORY,
  });
}

/** Builds the Debian package and the tarball of an executable, under a version. */
export async function buildPackages(
  directory: string,
  executable: string,
  version: string,
): Promise<void> {
  await run(process.execPath, [
    "run",
    "-A",
    "--no-check",
    "packaging/build.ts",
    "--executable",
    executable,
    "--format",
    "deb",
    "--format",
    "tar",
    "--compression",
    "none",
    "--version",
    version,
    "--out",
    directory,
  ], { cwd: REPOSITORY, maxBuffer: 64 << 20 });
}
