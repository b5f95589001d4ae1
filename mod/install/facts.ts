import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { discoverKubelet, type KubeletFound } from "../kubelet/mod.ts";
import { findKeptPods, type KeptPod } from "./kept_pods.ts";
import { LAYOUT } from "./layout.ts";
import { type FileStatus, type NodeFiles, nodeFiles, sha256OfFile } from "../os/mod.ts";

/** All that planning needs to know of a node. */
export interface NodeFacts {
  /** `/`, or the directory that is to become the root of a node. */
  readonly root: string;
  /** Whether this running node itself is meant, so that services can be started. */
  readonly live: boolean;
  /** The executable that runs now, on this machine. */
  readonly executable: string;
  readonly executableSha256: string;
  /** Whether a package owns the executable, the unit and the groups. */
  readonly packaged: boolean;
  /** Major version of the node's systemd; undefined when it is not known. */
  readonly systemdVersion: number | undefined;
  /** The names of the node's groups. */
  readonly groups: ReadonlySet<string>;
  readonly kubelet: KubeletFound;
  /** The kubelet's minor version; undefined when it is not known. */
  readonly kubeletMinor: number | undefined;
  /** Where the endpoint's token is; undefined: the node's config asks for none. */
  readonly tokenFile: string | undefined;
  /** The token that is there already. */
  readonly token: string | undefined;
  /** Whether the service runs; false if `live` is. */
  readonly running: boolean;
  /** Whether it is started at boot. */
  readonly enabled: boolean;
  /** Pods that an earlier uninstallation left to the kubelet. */
  readonly kept: readonly KeptPod[];
  status(path: string): FileStatus | undefined;
}

/**
 * Looks at the node below `root`. Nothing is changed; commands are only asked.
 *
 * @param executable the compiled executable that is to be installed
 * @param tokenFile where the node's config says the token is, if it does
 * @param paths further files that the plan will have
 */
export async function gatherFacts(
  root: string,
  executable: string,
  tokenFile: string | undefined,
  paths: readonly string[] = [],
): Promise<NodeFacts> {
  // sd_booted(3): this directory is there only while systemd is the service manager.
  const live = root === "/" && existsSync("/run/systemd/system");
  const files = nodeFiles(root);
  const kubelet = await discoverKubelet(files);
  const statuses = new Map<string, FileStatus | undefined>();
  const kept = await findKeptPods(files, kubelet);
  const dropIns = kept.map(({ dropIn }) => dropIn);
  for (const path of [...interestingPaths(kubelet), ...paths, ...dropIns, tokenFile ?? "/"]) {
    statuses.set(path, await files.status(path));
  }
  const is = async (what: string) =>
    live && (await ask("systemctl", [`is-${what}`, LAYOUT.unitName]))?.trim() ===
      (what === "active" ? "active" : "enabled");
  return {
    root,
    live,
    executable,
    executableSha256: await sha256OfFile(executable),
    packaged: executable === join(root, LAYOUT.packagedBinary) &&
      await files.status(LAYOUT.packagedUnit) !== undefined,
    systemdVersion: await systemdVersion(files, root === "/"),
    groups: await groupNames(files),
    kubelet,
    kubeletMinor: live ? await kubeletMinor(kubelet) : undefined,
    tokenFile,
    token: tokenFile === undefined ? undefined : (await files.text(tokenFile))?.trim() || undefined,
    running: await is("active"),
    enabled: live ? await is("enabled") : await isEnabledIn(files),
    kept,
    status: (path) => statuses.get(path),
  };
}

/** Whether an image starts the units at boot: their links are there. */
async function isEnabledIn(files: NodeFiles): Promise<boolean> {
  const links = [
    ["multi-user.target.wants", LAYOUT.unitName],
    ["sockets.target.wants", LAYOUT.socketName],
  ] as const;
  const found = await Promise.all(
    links.map(async ([directory, name]) =>
      (await files.names(`/etc/systemd/system/${directory}`)).includes(name)
    ),
  );
  return found.every(Boolean);
}

/** The names of the node's own groups. */
export async function groupNames(files: NodeFiles): Promise<ReadonlySet<string>> {
  const lines = (await files.text("/etc/group") ?? "").split("\n");
  return new Set(lines.map((line) => line.split(":", 1)[0] ?? ""));
}

function interestingPaths(kubelet: KubeletFound): readonly string[] {
  const directory = kubelet.kind === "unit" ? kubelet.facts.configDirectory : undefined;
  return [
    ...Object.values(LAYOUT).filter((path) => path.startsWith("/")),
    ...[directory, LAYOUT.kubeletConfigDirectory].filter((path) => path !== undefined)
      .map((path) => `${path.replace(/\/$/, "")}/${LAYOUT.kubeletDropIn}`),
    ...(directory === undefined ? [] : [directory]),
  ];
}

async function systemdVersion(files: NodeFiles, here: boolean): Promise<number | undefined> {
  if (here) {
    const version = /^systemd (\d+)/.exec(await ask("systemctl", ["--version"]) ?? "")?.[1];
    return version === undefined ? undefined : Number(version);
  }
  // In another root nothing can be run; the shared library carries the version in its name.
  const triplets = ["x86_64-linux-gnu/", "aarch64-linux-gnu/", ""];
  const directories = ["/usr/lib", "/lib", "/usr/lib64"]
    .flatMap((library) => triplets.map((triplet) => `${library}/${triplet}systemd`));
  for (const directory of directories) {
    for (const name of await files.names(directory)) {
      const version = /^libsystemd-shared-(\d+)/.exec(name)?.[1];
      if (version !== undefined) return Number(version);
    }
  }
  return undefined;
}

async function kubeletMinor(kubelet: KubeletFound): Promise<number | undefined> {
  const binary = kubelet.kind === "unit" ? kubelet.facts.command[0] : undefined;
  if (binary === undefined) return undefined;
  const minor = /v1\.(\d+)\./.exec(await ask(binary, ["--version"]) ?? "")?.[1];
  return minor === undefined ? undefined : Number(minor);
}

/** How long a question to another program may take. */
const ASK_TIMEOUT_MS = 10_000;

/** What a command prints; undefined when it cannot be run. Its exit code says nothing here. */
function ask(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: ASK_TIMEOUT_MS }, (error, stdout) => {
      resolve(error !== null && typeof error.code === "string" ? undefined : stdout);
    });
  });
}
