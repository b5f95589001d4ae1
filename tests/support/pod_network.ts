/** Networks of pods' own, made by Debian's CNI plugins. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { errorText } from "../../mod/core/mod.ts";
import { eventually } from "./eventually.ts";

/** Why pods cannot have a network of their own here, with what to install; undefined where they can. */
export function podNetworkSkipReason(): string | undefined {
  if (!existsSync("/usr/lib/cni/ptp")) {
    return "CNI plugins not found: apt-get install containernetworking-plugins";
  }
  const link = `pods${process.pid}`;
  try {
    execFileSync("ip", ["link", "add", link, "type", "veth", "peer", "name", `${link}p`], {
      stdio: "pipe",
    });
    execFileSync("ip", ["link", "delete", link], { stdio: "pipe" });
    return undefined;
  } catch (error) {
    return `no veth pair can be made here: ${errorText(error).trim().split("\n").at(-1)}`;
  }
}

/** A network for pods, and where they reach the host in it. */
export interface PodNetwork extends AsyncDisposable {
  readonly gateway: string;
  /** For pods whose sandbox is to have statistics: `cgroupParent` of a recipe. */
  readonly cgroupParent: string;
}

/** Gives a private containerd a network for pods; dispose of it once its pods are stopped. */
export function usePodNetwork({ directory }: { readonly directory: string }): PodNetwork {
  // Of the range for tests of network devices (RFC 2544); nobody else's in this process's time.
  const subnet = `198.18.${process.pid % 256}`;
  const cgroupParent = `/podstead-test-${process.pid}`;
  mkdirSync(join(directory, "cni"), { recursive: true });
  writeFileSync(
    join(directory, "cni/10-pods.conflist"),
    JSON.stringify({
      cniVersion: "0.4.0",
      name: "podstead-test",
      plugins: [{
        type: "ptp",
        ipam: {
          type: "host-local",
          subnet: `${subnet}.0/24`,
          dataDir: join(directory, "cni-addresses"),
        },
      }],
    }),
  );
  return {
    gateway: `${subnet}.1`,
    cgroupParent,
    [Symbol.asyncDispose]: () => removeCgroups(cgroupParent.slice(1)),
  };
}

/** In cgroup v1 there is one of the name below each controller. */
async function removeCgroups(name: string): Promise<void> {
  const root = "/sys/fs/cgroup";
  const parents = [root, ...readdirSync(root).map((controller) => join(root, controller))];
  await eventually(() => {
    for (const parent of parents) removeCgroup(join(parent, name));
  });
}

function removeCgroup(path: string): void {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(join(path, entry.name));
  }
  rmdirSync(path);
}
