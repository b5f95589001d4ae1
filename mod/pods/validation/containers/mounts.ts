/**
 * Where volumes appear in a container, as directories and as block devices.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/validation/validation.go, `ValidateVolumeMounts`,
 * `validateMountPropagation`, `validateMountRecursiveReadOnly`, `ValidateVolumeDevices`.
 */
import { duplicate, forbidden, invalid, notFound, notSupported, required } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type { RuleOptions } from "../../rules.ts";
import type { VolumeDevice, VolumeMount } from "../../types/mod.ts";
import { hasBackstep, validateDescendingPath } from "../volumes/relative_paths.ts";
import type { MountableVolumes } from "../volumes/volumes.ts";

/** What a container mounts. */
export interface ContainerVolumes {
  readonly mounts: readonly VolumeMount[];
  readonly devices: readonly VolumeDevice[];
  readonly isPrivileged: boolean;
}

/** `volumeMounts` of a container, at `path`. */
export function validateVolumeMounts(
  container: ContainerVolumes,
  volumes: MountableVolumes,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  const { mounts } = container;
  const mountPaths = new Set<string>();
  for (const [index, mount] of mounts.entries()) {
    const { name, mountPath } = mount;
    if (name === "") issues.push(required(path.index(index).child("name")));
    if (!volumes.has(name)) issues.push(notFound(path.index(index).child("name"), name));
    if (mountPath === "") issues.push(required(path.index(index).child("mountPath")));
    if (mountPaths.has(mountPath)) {
      const place = path.index(index).child("mountPath");
      issues.push(invalid(place, mountPath, "must be unique"));
    }
    mountPaths.add(mountPath);
    if (volumes.get(name)?.image !== undefined) {
      validateImageMount(mount, path.index(index), options, issues);
    }
    validateSubPath(mount, index, path, issues);
    validatePropagation(mount, container.isPrivileged, index, path, issues);
    validateRecursiveReadOnly(mount, index, path, issues);
    validateBindOptions(mount, path.index(index), issues);
  }
  if (container.devices.length > 0) validateNotDevices(container, path, issues);
}

/** No volume and no path is both a directory and a device. */
function validateNotDevices(
  { mounts, devices }: ContainerVolumes,
  path: FieldPath,
  issues: PodIssue[],
): void {
  // By name, so that of two devices with one name the last one counts, as in the kubelet.
  const devicePaths = new Map(devices.map((device) => [device.name, device.devicePath]));
  for (const [index, { name, mountPath }] of mounts.entries()) {
    const place = path.index(index);
    if (devicePaths.has(name)) {
      issues.push(invalid(place.child("name"), name, "is in volumeDevices too"));
    }
    if (hasValue(devicePaths, mountPath)) {
      issues.push(invalid(place.child("mountPath"), mountPath, "is a path of volumeDevices too"));
    }
  }
}

function hasValue(paths: ReadonlyMap<string, string>, wanted: string): boolean {
  for (const path of paths.values()) {
    if (path === wanted) return true;
  }
  return false;
}

/** What a mount of an image volume may not have. */
function validateImageMount(
  mount: VolumeMount,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  if (!options.imageVolumeSubPaths) {
    for (const name of ["subPath", "subPathExpr"] as const) {
      if (mount[name] === "") continue;
      issues.push(invalid(path.child(name), mount[name], "not allowed for an image volume"));
    }
  }
  if (mount.bindMountOptions.length > 0) {
    issues.push(forbidden(path.child("bindMountOptions"), "not allowed for an image volume"));
  }
}

const BIND_OPTIONS = ["nodev", "noexec", "nosuid"];

/** `bindMountOptions`, since 1.37 (KEP-5855). */
function validateBindOptions(mount: VolumeMount, path: FieldPath, issues: PodIssue[]): void {
  const seen = new Set<string>();
  for (const [index, option] of mount.bindMountOptions.entries()) {
    const place = path.child("bindMountOptions").index(index);
    if (!BIND_OPTIONS.includes(option)) issues.push(notSupported(place, option, BIND_OPTIONS));
    else if (seen.has(option)) issues.push(duplicate(place, option));
    seen.add(option);
  }
}

// In these three the kubelet's field names leave out the index of the mount.

function validateSubPath(
  mount: VolumeMount,
  index: number,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { subPath, subPathExpr } = mount;
  if (subPath !== "") {
    validateDescendingPath(subPath, path.at(index).child("subPath"), issues);
  }
  if (subPathExpr === "") return;
  if (subPath !== "") {
    const place = path.index(index).child("subPathExpr");
    issues.push(invalid(place, subPathExpr, "goes with no subPath"));
  }
  validateDescendingPath(subPathExpr, path.at(index).child("subPathExpr"), issues);
}

const PROPAGATIONS = ["Bidirectional", "HostToContainer", "None"];

function validatePropagation(
  mount: VolumeMount,
  isPrivileged: boolean,
  index: number,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const propagation = mount.mountPropagation;
  if (propagation === undefined) return;
  const place = path.at(index).child("mountPropagation");
  if (!PROPAGATIONS.includes(propagation)) {
    issues.push(notSupported(place, propagation, PROPAGATIONS));
  }
  if (propagation === "Bidirectional" && !isPrivileged) {
    issues.push(forbidden(place, "Bidirectional is for privileged containers only"));
  }
}

const RECURSIVE_READ_ONLY = ["Disabled", "Enabled", "IfPossible"];

function validateRecursiveReadOnly(
  mount: VolumeMount,
  index: number,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const mode = mount.recursiveReadOnly;
  if (mode === undefined || mode === "Disabled") return;
  const place = path.at(index).child("recursiveReadOnly");
  if (!RECURSIVE_READ_ONLY.includes(mode)) {
    issues.push(notSupported(place, mode, RECURSIVE_READ_ONLY));
    return;
  }
  if (!mount.readOnly) issues.push(forbidden(place, "readOnly must be true for it"));
  if (mount.mountPropagation !== undefined && mount.mountPropagation !== "None") {
    issues.push(forbidden(place, "mountPropagation must be None for it"));
  }
}

/** `volumeDevices` of a container, at `path`. */
export function validateVolumeDevices(
  container: ContainerVolumes,
  volumes: MountableVolumes,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { mounts, devices } = container;
  const mountPaths = new Map(mounts.map((mount) => [mount.name, mount.mountPath]));
  const names = new Set<string>();
  const paths = new Set<string>();
  for (const [index, device] of devices.entries()) {
    const namePlace = path.index(index).child("name");
    const pathPlace = path.index(index).child("devicePath");
    const { name, devicePath } = device;
    const volume = volumes.get(name);
    if (name === "") issues.push(required(namePlace));
    if (names.has(name)) issues.push(invalid(namePlace, name, "must be unique"));
    if (volume === undefined) issues.push(notFound(namePlace, name));
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
      const wanted = "must be a volume of type persistentVolumeClaim or ephemeral";
      issues.push(invalid(namePlace, name, wanted));
    }
    if (devicePath === "") issues.push(required(pathPlace));
    if (paths.has(devicePath)) issues.push(invalid(pathPlace, devicePath, "must be unique"));
    if (hasBackstep(devicePath)) {
      issues.push(invalid(pathPlace, devicePath, "must not contain '..'"));
    } else paths.add(devicePath);
    if (mountPaths.has(name)) issues.push(invalid(namePlace, name, "is in volumeMounts too"));
    if (hasValue(mountPaths, devicePath)) {
      issues.push(invalid(pathPlace, devicePath, "is a path of volumeMounts too"));
    }
    if (name !== "") names.add(name);
  }
}
