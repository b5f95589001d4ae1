/** PersistentVolumeClaims as directories of the node. */
import { posix } from "node:path";
import {
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Path,
  valueAt,
} from "../core/mod.ts";
import type { PodKey } from "../pods/mod.ts";
import {
  type Findings,
  integerAt,
  listAt,
  type Manifest,
  nameOf,
  objectAt,
  textAt,
} from "./manifest.ts";
import { mapContainers, type PodDraft } from "./pod_template.ts";

/** What claims are turned into volumes with. */
export interface ClaimOptions {
  /** The directory below which each claim gets its own; absolute. */
  readonly volumesDirectory?: string;
  readonly claims: readonly Manifest[];
  readonly persistentVolumes: readonly Manifest[];
}

/** Volumes of a PersistentVolume that a pod can have by itself. */
const PLAIN_SOURCES = ["hostPath", "nfs", "iscsi", "fc"];

/** What is a directory's name for sure: a claim of another name would leave its place. */
const CLAIM_NAME = /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/;

/** Turns the claims of pods into volumes of the node. */
export class Claims {
  readonly #options: ClaimOptions;
  readonly #findings: Findings;
  readonly #bound: ReadonlyMap<string, Manifest>;
  readonly #told = new Set<string>();

  constructor(options: ClaimOptions, findings: Findings) {
    this.#options = options;
    this.#findings = findings;
    this.#bound = bind(options);
  }

  /** The pod with a directory, or the volume's own source, in the place of each claim. */
  resolve(draft: PodDraft): PodDraft {
    const readOnly = new Set<string>();
    let used = false;
    const volumes = listAt(draft.spec, ["volumes"]).map((volume, at) => {
      if (!isJsonObject(volume)) return volume;
      const path = draft.volumeOrigins[at] ?? [];
      if (isJsonObject(getOwn(volume, "ephemeral"))) {
        this.#findings.leaveOut(
          draft.manifest,
          [...path, "ephemeral"],
          "it becomes an emptyDir, which lives as long as its pod too",
        );
        return { name: getOwn(volume, "name") ?? "", emptyDir: {} };
      }
      const claim = textAt(volume, ["persistentVolumeClaim", "claimName"]);
      if (claim === undefined) return volume;
      if (valueAt(volume, ["persistentVolumeClaim", "readOnly"]) === true) {
        readOnly.add(textAt(volume, ["name"]) ?? "");
      }
      const key = { namespace: draft.manifest.namespace, name: claim };
      const source = this.#sourceOf(key, draft.manifest, [
        ...path,
        "persistentVolumeClaim",
        "claimName",
      ]);
      used ||= source?.hostPath !== undefined;
      return source === undefined ? volume : { name: getOwn(volume, "name") ?? "", ...source };
    });
    if (volumes.length === 0) return draft;
    if (used) this.#tellOwner(draft, volumes);
    const spec = { ...draft.spec, volumes };
    return {
      ...draft,
      spec: readOnly.size === 0 ? spec : withReadOnlyMounts(spec, readOnly),
    };
  }

  /** Tells of the claims that nothing uses. */
  tellUnused(): void {
    for (const claim of this.#options.claims) {
      if (this.#told.has(nameOf(claim))) continue;
      this.#findings.leaveOut(claim, [], "no pod of what was given uses it");
    }
    const bound = new Set(this.#bound.values());
    for (const volume of this.#options.persistentVolumes) {
      if (bound.has(volume)) continue;
      this.#findings.leaveOut(volume, [], "no claim of what was given is for it");
    }
  }

  #sourceOf(key: PodKey, manifest: Manifest, path: Path): JsonObject | undefined {
    const name = nameOf({ kind: "PersistentVolumeClaim", ...key });
    const claim = this.#options.claims.find((one) => nameOf(one) === name);
    const isNew = !this.#told.has(name);
    this.#told.add(name);
    const volume = this.#bound.get(name);
    const plain = volume === undefined ? undefined : plainSource(volume);
    if (claim !== undefined && isNew && !this.#isUsable(claim)) return undefined;
    if (plain !== undefined) return plain;
    if (volume !== undefined && isNew) {
      this.#findings.leaveOut(
        volume,
        ["spec"],
        "its storage needs a driver of a cluster; the claim becomes a directory",
      );
    }
    const { volumesDirectory } = this.#options;
    if (!CLAIM_NAME.test(key.name) || !CLAIM_NAME.test(key.namespace)) {
      this.#findings.report(manifest, path, {
        code: "invalid-value",
        message: `A claim cannot be called "${key.namespace}/${key.name}"`,
        wanted: 'lower-case letters, digits, "-" and "."',
      });
      return undefined;
    }
    if (volumesDirectory === undefined) {
      this.#findings.report(manifest, path, {
        code: "no-volumes-directory",
        message: `The claim "${key.name}" needs a directory of this node for its data`,
        hint: "Name the directory for all claims: --volumes DIR, such as --volumes /srv/volumes",
      });
      return undefined;
    }
    if (claim !== undefined && isNew) {
      this.#findings.leaveOut(
        claim,
        ["spec"],
        "it becomes a directory of this node: its size is no limit, and its data is not copied",
      );
    }
    const directory = posix.join(volumesDirectory, key.namespace, key.name);
    return { hostPath: { path: directory, type: "DirectoryOrCreate" } };
  }

  #isUsable(claim: Manifest): boolean {
    if (textAt(claim.value, ["spec", "volumeMode"]) !== "Block") return true;
    this.#findings.report(claim, ["spec", "volumeMode"], {
      code: "block-volume",
      message: "A claim of volumeMode Block needs a driver of a cluster",
      hint: "Mount the device with hostPath, type BlockDevice",
    });
    return false;
  }

  /** The kubelet changes owners of its own volumes, not of a hostPath. */
  #tellOwner({ manifest, base, spec }: PodDraft, volumes: readonly JsonValue[]): void {
    const group = integerAt(spec, ["securityContext", "fsGroup"]);
    const users = [
      integerAt(spec, ["securityContext", "runAsUser"]),
      ...listAt(spec, ["containers"]).map((one) =>
        integerAt(one, ["securityContext", "runAsUser"])
      ),
    ];
    const user = users.find((one) => one !== undefined && one !== 0);
    if (group === undefined && user === undefined) return;
    const { volumesDirectory = "" } = this.#options;
    const paths = volumes.map((volume) => textAt(volume, ["hostPath", "path"]) ?? "")
      .filter((path) => volumesDirectory !== "" && path.startsWith(volumesDirectory));
    if (paths.length === 0) return;
    const owner = user === undefined ? "" : ` -o ${user}`;
    const ofGroup = group === undefined ? "" : ` -g ${group}`;
    this.#findings.leaveOut(
      manifest,
      [...base, "spec", "securityContext"],
      "the kubelet gives the directories of claims to no user or group, as they are hostPath",
      `sudo install -d -m ${group === undefined ? "0755" : "2775"}${owner}${ofGroup} ${
        paths.join(" ")
      }`,
    );
  }
}

/** The volume that a claim of a template has. */
export function claimOf(template: string, pod: string): string {
  return `${template}-${pod}`;
}

/** Which PersistentVolume is whose, as a controller would bind them. */
function bind({ claims, persistentVolumes }: ClaimOptions): ReadonlyMap<string, Manifest> {
  const bound = new Map<string, Manifest>();
  const free = new Set(persistentVolumes);
  const rules = [
    (claim: Manifest, volume: Manifest) =>
      textAt(claim.value, ["spec", "volumeName"]) === volume.name,
    (claim: Manifest, { value }: Manifest) =>
      textAt(value, ["spec", "claimRef", "name"]) === claim.name &&
      (textAt(value, ["spec", "claimRef", "namespace"]) ?? claim.namespace) === claim.namespace,
    fits,
  ];
  for (const rule of rules) {
    for (const claim of claims) {
      if (bound.has(nameOf(claim))) continue;
      for (const volume of free) {
        if (!rule(claim, volume)) continue;
        bound.set(nameOf(claim), volume);
        free.delete(volume);
        break;
      }
    }
  }
  return bound;
}

/** Whether a claim that names no volume may have this one: the same class, and every access mode. */
function fits(claim: Manifest, { value }: Manifest): boolean {
  const className = textAt(claim.value, ["spec", "storageClassName"]) ?? "";
  const modes = listAt(value, ["spec", "accessModes"]);
  return textAt(claim.value, ["spec", "volumeName"]) === undefined &&
    valueAt(value, ["spec", "claimRef"]) === undefined &&
    className === (textAt(value, ["spec", "storageClassName"]) ?? "") &&
    listAt(claim.value, ["spec", "accessModes"]).every((mode) => modes.includes(mode));
}

/** The source of a volume as a pod has it; undefined if it needs a driver or a Secret. */
function plainSource({ value }: Manifest): JsonObject | undefined {
  const spec = objectAt(value, ["spec"]);
  const local = textAt(spec, ["local", "path"]);
  if (local !== undefined) return { hostPath: { path: local, type: "Directory" } };
  const key = PLAIN_SOURCES.find((one) => isJsonObject(getOwn(spec, one)));
  if (key === undefined || valueAt(spec, [key, "secretRef"]) !== undefined) return undefined;
  const source = objectAt(spec, [key]);
  // Its own default makes no directory, as a cluster's node has it already.
  const type = key === "hostPath" && textAt(source, ["type"]) === undefined
    ? { type: "DirectoryOrCreate" }
    : {};
  return { [key]: { ...source, ...type } };
}

function withReadOnlyMounts(spec: JsonObject, volumes: ReadonlySet<string>): JsonObject {
  return mapContainers(spec, (container) => {
    const mounts = listAt(container, ["volumeMounts"]);
    if (mounts.length === 0) return container;
    return {
      ...container,
      volumeMounts: mounts.map((mount) =>
        isJsonObject(mount) && volumes.has(textAt(mount, ["name"]) ?? "")
          ? { ...mount, readOnly: true }
          : mount
      ),
    };
  });
}
