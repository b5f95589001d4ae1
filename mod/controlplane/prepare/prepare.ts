/** From a rendered component to a pod that can be served: check, write, stamp. */
import { createHash } from "node:crypto";
import {
  errorText,
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "../../core/mod.ts";
import type { CertificateFacts } from "./certificate_checks.ts";
import type { Finding } from "./finding.ts";
import { inspectRequirements } from "./inspect.ts";
import { type ControlPlaneFs, nodeFs } from "./node_fs.ts";
import type {
  Component,
  ComponentPlan,
  ControlPlaneDirectory,
  ControlPlaneFile,
  ControlPlanePlan,
} from "../plan.ts";
import { SECRETS_HASH_ANNOTATION } from "../render/pod.ts";

/** What preparing needs from outside. */
export interface PrepareDeps {
  /** Without it: the file system of this machine. */
  readonly fs?: ControlPlaneFs;
  /** Milliseconds since the epoch, to which certificates are compared. */
  readonly nowMs: number;
  /** False: look, but write nothing. */
  readonly write?: boolean;
}

/** A component after its files were looked at. */
export type PreparedComponent =
  & {
    readonly component: Component;
    readonly id: Component;
    /** See `ComponentPlan`. */
    readonly earlierPods: readonly JsonObject[];
    /** Everything that was found, warnings too. */
    readonly findings: readonly Finding[];
    readonly certificates: readonly CertificateFacts[];
  }
  & (
    /** Its files are written and good: the pod may be served. */
    | { readonly state: "ready"; readonly pod: JsonObject }
    /** It must wait; a version that is served already stays. The pod is the one that waits. */
    | { readonly state: "held"; readonly pod: JsonObject; readonly reason: string }
  );

/**
 * Prepares every component, each on its own: one that is held back does not
 * hold the others. Never throws.
 */
export function prepareControlPlane(
  plan: ControlPlanePlan,
  deps: PrepareDeps,
): Promise<readonly PreparedComponent[]> {
  return Promise.all(plan.pods.map((component) => prepareComponent(component, deps)));
}

/**
 * Checks what a component needs, writes its files, and adds the hash of what
 * it reads only when it starts, so that a renewed kubeconfig restarts it. A
 * component that is held back has nothing written. Never throws.
 */
export async function prepareComponent(
  plan: ComponentPlan,
  deps: PrepareDeps,
): Promise<PreparedComponent> {
  const fs = deps.fs ?? nodeFs;
  const { findings, certificates } = await inspectRequirements(plan.requires, fs, deps.nowMs);
  const { component, id, earlierPods } = plan;
  const common = { component, id, earlierPods, certificates };
  const blocking = findings.filter((finding) => finding.severity === "held");
  if (blocking.length > 0) {
    return { ...common, state: "held", pod: plan.pod, findings, reason: reasonOf(blocking) };
  }
  const failure = deps.write === false ? undefined : await writeAll(plan, fs);
  if (failure !== undefined) {
    return {
      ...common,
      state: "held",
      pod: plan.pod,
      findings: [...findings, failure],
      reason: reasonOf([failure]),
    };
  }
  const hash = await secretsHash(plan, fs);
  return {
    ...common,
    state: "ready",
    findings,
    pod: annotate(plan.pod, hash),
    earlierPods: earlierPods.map((pod) => annotate(pod, hash)),
  };
}

/** The first finding, how many there are, and the next step. */
function reasonOf(findings: readonly Finding[]): string {
  const [first, ...others] = findings;
  if (first === undefined) return "";
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  const hint = first.hint === undefined ? "" : `. ${first.hint}`;
  return `${first.message}${more}${hint}`;
}

async function writeAll(plan: ComponentPlan, fs: ControlPlaneFs): Promise<Finding | undefined> {
  let current = "";
  try {
    for (const directory of plan.directories) {
      current = directory.path;
      await ensureDirectory(directory, fs);
    }
    for (const file of plan.files) {
      current = file.path;
      await ensureFile(file, fs);
    }
    return undefined;
  } catch (error) {
    return {
      severity: "held",
      code: "not-written",
      path: current,
      message: `Cannot write "${current}": ${errorText(error)}`,
      hint: hintOf(error, current),
    };
  }
}

function hintOf(error: unknown, path: string): string {
  // What a service that systemd locks in meets outside of the directories that it was given.
  if ((error as NodeJS.ErrnoException).code === "EROFS") {
    return `Make it and restart podstead; if that is not enough, allow it to the service: ` +
      `"systemctl edit podstead", [Service], ReadWritePaths=${path}`;
  }
  return "Podstead must run as root, with room on the disk, to prepare the control plane";
}

async function ensureDirectory(directory: ControlPlaneDirectory, fs: ControlPlaneFs) {
  const facts = await fs.facts(directory.path);
  if (facts === undefined) return await fs.makeDirectory(directory.path, directory);
  if (facts.type !== "directory") throw new Error(`a ${facts.type} is in its place`);
  if (directory.keepExisting !== true && !sameOwnership(facts, directory)) {
    await fs.setOwnership(directory.path, directory);
  }
}

async function ensureFile(file: ControlPlaneFile, fs: ControlPlaneFs): Promise<void> {
  const content = "content" in file
    ? new TextEncoder().encode(file.content)
    : await fs.read(file.copyOf);
  const facts = await fs.facts(file.path);
  if (facts?.type === "directory") throw new Error("a directory is in its place");
  const same = facts !== undefined && facts.sizeBytes === content.byteLength &&
    sameOwnership(facts, file) && equalBytes(await fs.read(file.path), content);
  if (!same) await fs.replace(file.path, content, file);
}

async function secretsHash(plan: ComponentPlan, fs: ControlPlaneFs): Promise<string | undefined> {
  if (plan.readAtStart.length === 0) return undefined;
  const hash = createHash("sha256");
  for (const path of [...plan.readAtStart].sort()) {
    // Read again, not taken from the check: a file that went meanwhile counts as empty,
    // and the next look finds it missing.
    const content = await fs.read(path).catch(() => new Uint8Array());
    hash.update(`${path}\0${content.byteLength}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}

function annotate(pod: JsonObject, hash: string | undefined): JsonObject {
  if (hash === undefined) return pod;
  const metadata = asObject(getOwn(pod, "metadata"));
  const annotations = asObject(getOwn(metadata, "annotations"));
  return {
    ...pod,
    metadata: { ...metadata, annotations: { ...annotations, [SECRETS_HASH_ANNOTATION]: hash } },
  };
}

function sameOwnership(
  left: { readonly mode: number; readonly uid: number; readonly gid: number },
  right: { readonly mode: number; readonly uid: number; readonly gid: number },
): boolean {
  return left.mode === right.mode && left.uid === right.uid && left.gid === right.gid;
}

function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.byteLength === right.byteLength && left.every((byte, index) => byte === right[index]);
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
