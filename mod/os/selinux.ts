/** SELinux labels of what containers mount from this node. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { errorText } from "../core/mod.ts";
import type { Logger } from "./log.ts";

/**
 * The label that a container may read whatever its own categories are: what the kubelet asks the
 * runtime to give to its own volumes, without categories.
 *
 * Source: container-selinux, `container_file_t`.
 */
const CONTAINER_LABEL = "system_u:object_r:container_file_t:s0";

/** A directory has some hundred files at most. */
const LABEL_TIMEOUT_MS = 10_000;

/** How labels are given; for tests. */
export interface LabelOptions {
  readonly log: Logger;
  /** Default: the kernel's own. */
  readonly enforceFile?: string;
  /** Default: that of coreutils. */
  readonly program?: string;
}

/**
 * Labels a directory with all that is in it for containers, on a node where SELinux is enforcing.
 * What is made in it later inherits the label. Never rejects: containers that the runtime does not
 * confine can do without.
 */
export async function labelForContainers(
  directory: string,
  { log, enforceFile = "/sys/fs/selinux/enforce", program = "/usr/bin/chcon" }: LabelOptions,
): Promise<void> {
  const enforcing = await readFile(enforceFile, "utf8").catch(() => "0"); // a kernel without it
  if (enforcing.trim() !== "1") return;
  try {
    await promisify(execFile)(
      program,
      ["--recursive", "--no-dereference", CONTAINER_LABEL, directory],
      { timeout: LABEL_TIMEOUT_MS, env: {} },
    );
  } catch (error) {
    log.warn("Files cannot be labelled for containers; SELinux may keep these from reading them", {
      directory,
      error: errorText(error),
    });
  }
}
