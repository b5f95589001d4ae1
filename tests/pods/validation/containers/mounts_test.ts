import type { JsonValue } from "../../../../mod/core/mod.ts";
import { container, describeRules } from "../found.ts";
import type { Json } from "../found.ts";

const VOLUMES = [
  { name: "data", emptyDir: {} },
  { name: "logs", emptyDir: {} },
  { name: "disk", persistentVolumeClaim: { claimName: "disk" } },
  { name: "disk-2", persistentVolumeClaim: { claimName: "disk-2" } },
];
const PREFIX = "spec.containers[0].";

const specOf = (part: JsonValue) => ({
  volumes: VOLUMES,
  containers: [container(part as Json)],
});
const mounts = (part: JsonValue) => specOf({ volumeMounts: part });
const mount = (part: JsonValue) => mounts([{ name: "data", mountPath: "/data", ...part as Json }]);
const devices = (part: JsonValue) => specOf({ volumeDevices: part });

describeRules("validateVolumeMounts()", PREFIX, mounts, [
  ["mounts", [{ name: "data", mountPath: "/data" }, { name: "logs", mountPath: "/logs" }]],
  ["one volume twice", [{ name: "data", mountPath: "/a" }, { name: "data", mountPath: "/b" }]],
  ["no name", [{ mountPath: "/data" }], [
    "volumeMounts[0].name: Required value",
    "volumeMounts[0].name: Not found",
  ]],
  ["a volume that is not there", [{ name: "cache", mountPath: "/cache" }], [
    "volumeMounts[0].name: Not found",
  ]],
  ["no path", [{ name: "data" }], ["volumeMounts[0].mountPath: Required value"]],
  [
    "one path twice",
    [{ name: "data", mountPath: "/a" }, { name: "logs", mountPath: "/a" }],
    ["volumeMounts[1].mountPath: Invalid value"],
  ],
  ["a colon and a step back in a path", [{ name: "data", mountPath: "c:/a/../b" }]],
]);

describeRules("validateVolumeMounts() paths inside volumes", PREFIX, mount, [
  ["a sub path", { subPath: "a/b" }],
  ["two dots in a sub path", { subPath: "a..b" }],
  ["an absolute sub path", { subPath: "/a" }, ["volumeMounts.subPath: Invalid value"]],
  ["a step back", { subPath: "a/../b" }, ["volumeMounts.subPath: Invalid value"]],
  ["an expression", { subPathExpr: "$(POD_NAME)" }],
  ["an absolute expression", { subPathExpr: "/$(A)" }, [
    "volumeMounts.subPathExpr: Invalid value",
  ]],
  ["a step back in an expression", { subPathExpr: "$(A)/.." }, [
    "volumeMounts.subPathExpr: Invalid value",
  ]],
  ["a sub path and an expression", { subPath: "a", subPathExpr: "b" }, [
    "volumeMounts[0].subPathExpr: Invalid value",
  ]],
]);

describeRules("validateVolumeMounts() propagation", PREFIX, mount, [
  ["none", { mountPropagation: "None" }],
  ["into the container", { mountPropagation: "HostToContainer" }],
  ["out of the container", { mountPropagation: "Bidirectional" }, [
    "volumeMounts.mountPropagation: Forbidden",
  ]],
  ["an unknown one", { mountPropagation: "Out" }, [
    "volumeMounts.mountPropagation: Unsupported value",
  ]],
]);

describeRules(
  "validateVolumeMounts() propagation of a privileged container",
  PREFIX,
  (part) =>
    specOf({
      securityContext: { privileged: true },
      volumeMounts: [{ name: "data", mountPath: "/data", mountPropagation: part }],
    }),
  [["out of the container", "Bidirectional"]],
);

describeRules("validateVolumeMounts() recursive read-only", PREFIX, mount, [
  ["disabled on a writable mount", { recursiveReadOnly: "Disabled" }],
  ["enabled on a read-only mount", { recursiveReadOnly: "Enabled", readOnly: true }],
  [
    "where possible, with propagation None",
    { recursiveReadOnly: "IfPossible", readOnly: true, mountPropagation: "None" },
  ],
  ["enabled on a writable mount", { recursiveReadOnly: "Enabled" }, [
    "volumeMounts.recursiveReadOnly: Forbidden",
  ]],
  [
    "enabled with propagation",
    { recursiveReadOnly: "Enabled", readOnly: true, mountPropagation: "HostToContainer" },
    ["volumeMounts.recursiveReadOnly: Forbidden"],
  ],
  ["an unknown mode", { recursiveReadOnly: "Always" }, [
    "volumeMounts.recursiveReadOnly: Unsupported value",
  ]],
]);

describeRules("validateVolumeDevices()", PREFIX, devices, [
  ["a device", [{ name: "disk", devicePath: "/dev/xvda" }]],
  ["no name", [{ devicePath: "/dev/xvda" }], [
    "volumeDevices[0].name: Required value",
    "volumeDevices[0].name: Not found",
  ]],
  ["a volume that is not there", [{ name: "tape", devicePath: "/dev/st0" }], [
    "volumeDevices[0].name: Not found",
  ]],
  ["a directory", [{ name: "data", devicePath: "/dev/a" }], [
    "volumeDevices[0].name: Invalid value",
  ]],
  ["no path", [{ name: "disk" }], ["volumeDevices[0].devicePath: Required value"]],
  ["a step back", [{ name: "disk", devicePath: "/dev/../a" }], [
    "volumeDevices[0].devicePath: Invalid value",
  ]],
  [
    "one volume twice",
    [{ name: "disk", devicePath: "/dev/a" }, { name: "disk", devicePath: "/dev/b" }],
    ["volumeDevices[1].name: Invalid value"],
  ],
  [
    "one path twice",
    [{ name: "disk", devicePath: "/dev/a" }, { name: "disk-2", devicePath: "/dev/a" }],
    ["volumeDevices[1].devicePath: Invalid value"],
  ],
]);

describeRules("validateVolumeDevices() and validateVolumeMounts()", PREFIX, specOf, [
  [
    "a volume mounted both ways",
    {
      volumeMounts: [{ name: "disk", mountPath: "/a" }],
      volumeDevices: [{ name: "disk", devicePath: "/dev/a" }],
    },
    ["volumeMounts[0].name: Invalid value", "volumeDevices[0].name: Invalid value"],
  ],
  [
    "a path used both ways",
    {
      volumeMounts: [{ name: "data", mountPath: "/dev/a" }],
      volumeDevices: [{ name: "disk", devicePath: "/dev/a" }],
    },
    ["volumeMounts[0].mountPath: Invalid value", "volumeDevices[0].devicePath: Invalid value"],
  ],
]);
