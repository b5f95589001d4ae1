import { container, describeRules } from "./found.ts";

const spec = (part: unknown) => part as never;
const windowsOptions = { runAsUserName: "ContainerUser" };

describeRules("validateOperatingSystem()", "spec.", spec, [
  ["linux", { os: { name: "linux" } }],
  ["windows", { os: { name: "windows" } }],
  ["no name", { os: {} }, ["os.name: Required value"]],
  ["another system", { os: { name: "Linux" } }, ["os: Unsupported value"]],
  ["windows options without a system", { securityContext: { windowsOptions } }],
  ["windows options of a pod for linux", {
    os: { name: "linux" },
    securityContext: { windowsOptions },
  }, ["securityContext.windowsOptions: Forbidden"]],
  ["windows options of a container for linux", {
    os: { name: "linux" },
    containers: [container({ securityContext: { windowsOptions } })],
  }, ["containers[0].securityContext.windowsOptions: Forbidden"]],
  ["linux settings of a pod for windows", {
    os: { name: "windows" },
    hostPID: true,
    hostIPC: true,
    hostUsers: true,
    shareProcessNamespace: false,
    securityContext: {
      runAsUser: 1,
      runAsGroup: 1,
      fsGroup: 1,
      fsGroupChangePolicy: "Always",
      supplementalGroups: [1],
      supplementalGroupsPolicy: "Merge",
      sysctls: [{ name: "kernel.sem", value: "1" }],
      seLinuxOptions: {},
      seLinuxChangePolicy: "Recursive",
      seccompProfile: { type: "Unconfined" },
      appArmorProfile: { type: "Unconfined" },
    },
  }, [
    "hostPID: Forbidden",
    "hostIPC: Forbidden",
    "hostUsers: Forbidden",
    "shareProcessNamespace: Forbidden",
    "securityContext.runAsUser: Forbidden",
    "securityContext.runAsGroup: Forbidden",
    "securityContext.fsGroup: Forbidden",
    "securityContext.fsGroupChangePolicy: Forbidden",
    "securityContext.supplementalGroups: Forbidden",
    "securityContext.supplementalGroupsPolicy: Forbidden",
    "securityContext.sysctls: Forbidden",
    "securityContext.sysctls[0].name: Invalid value",
    "securityContext.seLinuxOptions: Forbidden",
    "securityContext.seLinuxChangePolicy: Forbidden",
    "securityContext.seccompProfile: Forbidden",
    "securityContext.appArmorProfile: Forbidden",
  ]],
  [
    "linux settings of a container for windows",
    {
      os: { name: "windows" },
      initContainers: [container({
        name: "init",
        securityContext: {
          runAsUser: 1,
          runAsGroup: 1,
          privileged: false,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: {},
          procMount: "Default",
          seLinuxOptions: {},
          seccompProfile: { type: "Unconfined" },
          appArmorProfile: { type: "Unconfined" },
        },
      })],
    },
    [
      "runAsUser",
      "runAsGroup",
      "privileged",
      "allowPrivilegeEscalation",
      "readOnlyRootFilesystem",
      "capabilities",
      "procMount",
      "seLinuxOptions",
      "seccompProfile",
      "appArmorProfile",
    ].map((name) => `initContainers[0].securityContext.${name}: Forbidden`),
  ],
  ["pod-level resources for windows", {
    os: { name: "windows" },
    resources: { limits: { cpu: "1" } },
  }, ["resources: Forbidden"]],
]);

const hostProcess = (value: boolean) => ({ windowsOptions: { hostProcess: value } });

describeRules("validateHostProcess()", "spec", spec, [
  ["a host process pod on the host's network", {
    hostNetwork: true,
    securityContext: hostProcess(true),
  }],
  ["one without the host's network", { securityContext: hostProcess(true) }, [
    ".hostNetwork: Invalid value",
  ]],
  ["a pod and a container that differ", {
    hostNetwork: true,
    securityContext: hostProcess(false),
    containers: [container({ securityContext: hostProcess(true) })],
  }, [".containers[0].securityContext.windowsOptions.hostProcess: Invalid value"]],
  ["one host process container of two", {
    hostNetwork: true,
    containers: [container({ securityContext: hostProcess(true) }), container({ name: "b" })],
  }, [": Invalid value"]],
  ["no host process container", { securityContext: hostProcess(false) }],
]);

describeRules("validateHostUsers()", "spec.", spec, [
  ["a user namespace of its own", { hostUsers: false }],
  ["the host's users and its network", { hostUsers: true, hostNetwork: true, hostPID: true }],
  ["other host namespaces beside a user namespace", {
    hostUsers: false,
    hostNetwork: true,
    hostPID: true,
    hostIPC: true,
  }, ["hostNetwork: Forbidden", "HostPID: Forbidden", "HostIPC: Forbidden"]],
]);
