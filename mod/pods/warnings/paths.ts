/** Paths as podman and shells know them, and the kubelet does not. */
import { findPlaceholder } from "../../core/mod.ts";
import { FieldPath } from "../issue.ts";
import { allContainers } from "../validation/containers/visit_containers.ts";
import type { WarningRule } from "./rule.ts";

const SPEC = FieldPath.root("spec");

/** Options that podman and docker take behind a mount's path. */
const MOUNT_OPTION =
  /^(?:ro|rw|[zZOU]|no?exec|exec|no?dev|dev|no?suid|suid|no?copy|copy|idmap(?:=.*)?|consistent|cached|delegated|r?(?:shared|slave|private|unbindable|bind))$/;

/** The options behind the last colon of a path: `Z` of `/etc/loki:Z`; empty if there are none. */
function mountOptions(path: string): readonly string[] {
  const colon = path.lastIndexOf(":");
  if (colon === -1) return [];
  const options = path.slice(colon + 1).split(",");
  return options.every((option) => MOUNT_OPTION.test(option)) ? options : [];
}

function optionHint(path: string, options: readonly string[]): string {
  const bare = path.slice(0, path.lastIndexOf(":"));
  const others = options.filter((option) => option !== "ro" && option !== "rw");
  return [
    `Write "${bare}"`,
    ...(options.includes("ro") ? ["and readOnly: true next to it"] : []),
    ...(others.some((option) => /^z$/i.test(option))
      ? ["; labels for SELinux are set by securityContext.seLinuxOptions"]
      : others.some((option) => /shared|slave|private/.test(option))
      ? ["; sharing is set by mountPropagation"]
      : []),
  ].join(" ").replaceAll(" ;", ";");
}

/** Rules on the paths of volumes and mounts. */
export const PATH_RULES: readonly WarningRule[] = [
  {
    name: "host-path-not-absolute",
    type: "Will not work",
    fields: ["spec.volumes.hostPath.path"],
    about: "A relative path is looked up from wherever the kubelet or the runtime was started, " +
      "and `~` and `$X` are not replaced: the pod fails, or gets an empty directory.",
    hint: "Write the whole path, from /",
    find({ pod }, report) {
      for (const [at, { hostPath }] of pod.spec.volumes.entries()) {
        if (hostPath === undefined || hostPath.path === "") continue;
        const place = SPEC.child("volumes").index(at).child("hostPath").child("path");
        const { path } = hostPath;
        const variable = path.includes("$") ? findPlaceholder(path) : undefined;
        if (/^~[\w-]*(?:\/|$)/.test(path)) {
          report(
            place,
            `"${path}" begins with ~, which only a shell replaces with a home directory`,
          );
        } else if (variable !== undefined) {
          report(
            place,
            `"${path}" holds ${variable.text}, which only a shell or a template engine replaces`,
            "Write the whole path; or render the template first, with `envsubst` for example",
          );
        } else if (/^[A-Za-z]:[\\/]/.test(path)) {
          report(place, `"${path}" is a path of Windows`);
        } else if (!path.startsWith("/")) {
          report(
            place,
            `"${path}" is not absolute: it is looked up from the directory in which the kubelet ` +
              "or the runtime was started",
          );
        }
        const options = mountOptions(path);
        if (options.length > 0) {
          report(
            place,
            `":${options.join(",")}" is podman's notation and becomes part of the path's name here`,
            optionHint(path, options),
          );
        }
      }
    },
  },
  {
    name: "mount-path-options",
    type: "Discouraged",
    fields: ["spec.containers.volumeMounts.mountPath", "spec.containers.volumeMounts.subPath"],
    about: "`:Z`, `:ro` and the like behind a mount's path are podman's and docker's; here they " +
      "become part of the directory's name.",
    hint: "Write the path alone, and readOnly: true next to it where that is meant",
    find({ pod }, report) {
      for (const { container, path } of allContainers(pod.spec, SPEC)) {
        for (const [at, mount] of container.volumeMounts.entries()) {
          for (const field of ["mountPath", "subPath"] as const) {
            const options = mountOptions(mount[field]);
            if (options.length === 0) continue;
            report(
              path.child("volumeMounts").index(at).child(field),
              `":${
                options.join(",")
              }" is podman's notation and becomes part of the path's name here`,
              optionHint(mount[field], options),
            );
          }
        }
      }
    },
  },
  {
    name: "mount-path-not-absolute",
    type: "Will not work",
    fields: ["spec.containers.volumeMounts.mountPath"],
    about: "A mount's path that is relative, or holds `~` or `$X`: neither is replaced, and " +
      "runtimes refuse relative ones or take them from /.",
    hint: "Write the whole path inside the container, from /",
    find({ pod }, report) {
      for (const { container, path } of allContainers(pod.spec, SPEC)) {
        for (const [at, { mountPath }] of container.volumeMounts.entries()) {
          if (mountPath === "" || /^[A-Za-z]:[\\/]/.test(mountPath)) continue;
          const place = path.child("volumeMounts").index(at).child("mountPath");
          const mark = findPlaceholder(mountPath);
          if (mark !== undefined) {
            report(place, `"${mountPath}" holds ${mark.text}, which is not replaced here`);
          } else if (!mountPath.startsWith("/")) {
            report(place, `"${mountPath}" is not absolute`);
          }
        }
      }
    },
  },
];
