import { describeRules } from "./found.ts";

describeRules(
  "validatePodSecurityContext()",
  "spec.securityContext.",
  (part) => ({ securityContext: part }),
  [
    ["nothing", {}],
    ["the greatest ids", { runAsUser: 2147483647, runAsGroup: 2147483647, fsGroup: 2147483647 }],
    ["ids one above", { runAsUser: 2147483648, runAsGroup: 2147483648, fsGroup: 2147483648 }, [
      "runAsUser: Invalid value",
      "runAsGroup: Invalid value",
      "fsGroup: Invalid value",
    ]],
    ["ids below 0", { runAsUser: -1, fsGroup: -1 }, [
      "runAsUser: Invalid value",
      "fsGroup: Invalid value",
    ]],
    ["supplemental groups", { supplementalGroups: [0, 5] }],
    ["a bad supplemental group", { supplementalGroups: [0, -5] }, [
      "supplementalGroups[1]: Invalid value",
    ]],
    ["fsGroupChangePolicy", { fsGroupChangePolicy: "OnRootMismatch" }],
    ["another fsGroupChangePolicy", { fsGroupChangePolicy: "Never" }, [
      "fsGroupChangePolicy: Unsupported value",
    ]],
    ["supplementalGroupsPolicy", { supplementalGroupsPolicy: "Strict" }],
    ["another supplementalGroupsPolicy", { supplementalGroupsPolicy: "strict" }, [
      "supplementalGroupsPolicy: Unsupported value",
    ]],
    ["seLinuxChangePolicy Recursive", { seLinuxChangePolicy: "Recursive" }],
    ["seLinuxChangePolicy MountOption", { seLinuxChangePolicy: "MountOption" }],
    ["another seLinuxChangePolicy", { seLinuxChangePolicy: "" }, [
      "seLinuxChangePolicy: Unsupported value",
    ]],
    ["seccomp", { seccompProfile: { type: "RuntimeDefault" } }],
    ["seccomp without its profile", { seccompProfile: { type: "Localhost" } }, [
      "seccompProfile.localhostProfile: Required value",
    ]],
    ["AppArmor", { appArmorProfile: { type: "Unconfined" } }],
    ["an unknown AppArmor type", { appArmorProfile: { type: "None" } }, [
      "appArmorProfile.type: Unsupported value",
    ]],
  ],
);

describeRules(
  "validatePodSecurityContext() before options",
  "spec.securityContext.",
  (part) => ({ securityContext: part }),
  [
    ["seLinuxChangePolicy MountOption", { seLinuxChangePolicy: "MountOption" }],
    ["another seLinuxChangePolicy", { seLinuxChangePolicy: "Always" }, [
      "seLinuxChangePolicy: Unsupported value",
    ]],
  ],
  34,
);

describeRules("validatePodSecurityContext() sysctls", "spec.securityContext.sysctls", (part) => ({
  securityContext: { sysctls: part },
}), [
  ["dots", [{ name: "kernel.shm_rmid_forced", value: "1" }]],
  ["slashes", [{ name: "net/ipv4/conf/eth0.100/rp_filter", value: "1" }]],
  ["no name", [{ value: "1" }], ["[0].name: Required value"]],
  ["an upper case name", [{ name: "Kernel.sem", value: "1" }], ["[0].name: Invalid value"]],
  ["a wildcard", [{ name: "net.*", value: "1" }], ["[0].name: Invalid value"]],
  ["253 characters", [{ name: "a".repeat(253), value: "1" }]],
  ["254 characters", [{ name: "a".repeat(254), value: "1" }], ["[0].name: Invalid value"]],
  ["one name twice", [{ name: "a.b", value: "1" }, { name: "a.b", value: "2" }], [
    "[1].name: Duplicate value",
  ]],
]);

describeRules(
  "validatePodSecurityContext() host namespaces",
  "spec.",
  (part) => part as never,
  [
    ["a network sysctl", {
      securityContext: { sysctls: [{ name: "net.core.somaxconn", value: "1" }] },
    }],
    ["a network sysctl on the host's network", {
      hostNetwork: true,
      securityContext: { sysctls: [{ name: "net.core.somaxconn", value: "1" }] },
    }, ["securityContext.sysctls[0].name: Invalid value"]],
    ["one written with slashes", {
      hostNetwork: true,
      securityContext: { sysctls: [{ name: "net/core/somaxconn", value: "1" }] },
    }, ["securityContext.sysctls[0].name: Invalid value"]],
    ["an IPC sysctl on the host's network", {
      hostNetwork: true,
      securityContext: { sysctls: [{ name: "kernel.sem", value: "1" }] },
    }],
    ["an IPC sysctl in the host's IPC", {
      hostIPC: true,
      securityContext: {
        sysctls: [{ name: "kernel.sem", value: "1" }, { name: "fs.mqueue.msg_max", value: "1" }],
      },
    }, [
      "securityContext.sysctls[0].name: Invalid value",
      "securityContext.sysctls[1].name: Invalid value",
    ]],
    ["a shared process namespace", { shareProcessNamespace: true }],
    ["the host's processes", { hostPID: true, shareProcessNamespace: false }],
    ["both", { hostPID: true, shareProcessNamespace: true }, [
      "shareProcessNamespace: Invalid value",
    ]],
  ],
);
