import type { JsonValue } from "../../../../mod/core/mod.ts";
import { container, describeRules } from "../found.ts";
import type { Json } from "../found.ts";

const security = (part: JsonValue) => ({ containers: [container({ securityContext: part })] });
const PREFIX = "spec.containers[0].securityContext";

describeRules("validateSecurityContext()", PREFIX, security, [
  ["a privileged container", { privileged: true }],
  ["any capability", { capabilities: { add: ["NET_ADMIN"], drop: ["all"] } }],
  ["any label of SELinux", { seLinuxOptions: { level: "s0:c1,c2" } }],
  ["root", { runAsUser: 0, runAsGroup: 0, runAsNonRoot: true }],
  ["the last user", { runAsUser: 2147483647 }],
  ["one user too many", { runAsUser: 2147483648 }, [".runAsUser: Invalid value"]],
  ["a negative user", { runAsUser: -1 }, [".runAsUser: Invalid value"]],
  ["a negative group", { runAsGroup: -1 }, [".runAsGroup: Invalid value"]],
  ["a masked /proc", { procMount: "Default" }],
  ["an unmasked /proc", { procMount: "Unmasked" }, [".procMount: Invalid value"]],
  ["an unknown /proc", { procMount: "Open" }, [".procMount: Unsupported value"]],
  ["no more privileges", {
    allowPrivilegeEscalation: false,
    privileged: false,
    capabilities: { add: ["SYS_ADMIN"] },
  }],
  ["all privileges but no more", { allowPrivilegeEscalation: false, privileged: true }, [
    ": Invalid value",
  ]],
  [
    "CAP_SYS_ADMIN but no more privileges",
    { allowPrivilegeEscalation: false, capabilities: { add: ["CAP_SYS_ADMIN"] } },
    [": Invalid value"],
  ],
  ["CAP_SYS_ADMIN with more privileges", { capabilities: { add: ["CAP_SYS_ADMIN"] } }],
]);

describeRules(
  "validateSecurityContext() in a user namespace",
  PREFIX,
  (part) => ({ hostUsers: false, ...security(part) }),
  [["an unmasked /proc", { procMount: "Unmasked" }]],
);

const seccomp = (part: JsonValue) => security({ seccompProfile: part });

describeRules("validateSeccompProfileField()", `${PREFIX}.seccompProfile`, seccomp, [
  ["the runtime's profile", { type: "RuntimeDefault" }],
  ["a profile of the node", { type: "Localhost", localhostProfile: "profiles/a.json" }],
  ["no type", {}, [".type: Required value"]],
  ["an unknown type", { type: "Default" }, [".type: Unsupported value"]],
  ["no profile of the node", { type: "Localhost" }, [".localhostProfile: Required value"]],
  ["an empty profile of the node", { type: "Localhost", localhostProfile: "" }],
  ["an absolute profile", { type: "Localhost", localhostProfile: "/a.json" }, [
    ".localhostProfile: Invalid value",
  ]],
  ["a step back", { type: "Localhost", localhostProfile: "../a.json" }, [
    ".localhostProfile: Invalid value",
  ]],
  ["a profile of another type", { type: "Unconfined", localhostProfile: "a" }, [
    ".localhostProfile: Invalid value",
  ]],
  ["a profile of no type", { localhostProfile: "a" }, [
    ".type: Required value",
    ".localhostProfile: Invalid value",
  ]],
]);

const appArmor = (part: JsonValue) => security({ appArmorProfile: part });

describeRules("validateAppArmorProfileField()", `${PREFIX}.appArmorProfile`, appArmor, [
  ["the runtime's profile", { type: "RuntimeDefault" }],
  ["a profile of the node", { type: "Localhost", localhostProfile: "/etc/a" }],
  ["no type", {}, [".type: Required value"]],
  ["an unknown type", { type: "Default", localhostProfile: "a" }, [".type: Unsupported value"]],
  ["no profile of the node", { type: "Localhost" }, [".localhostProfile: Required value"]],
  ["an empty profile", { type: "Localhost", localhostProfile: "" }, [
    ".localhostProfile: Required value",
  ]],
  ["white space alone", { type: "Localhost", localhostProfile: " " }, [
    ".localhostProfile: Invalid value",
  ]],
  ["white space around it", { type: "Localhost", localhostProfile: "a " }, [
    ".localhostProfile: Invalid value",
  ]],
  ["4095 bytes", { type: "Localhost", localhostProfile: "a".repeat(4095) }],
  ["4096 bytes", { type: "Localhost", localhostProfile: "a".repeat(4096) }, [
    ".localhostProfile: Too long",
  ]],
  ["a profile of another type", { type: "Unconfined", localhostProfile: "a" }, [
    ".localhostProfile: Invalid value",
  ]],
]);

const windows = (part: JsonValue) => ({
  os: { name: "windows" },
  ...security({ windowsOptions: part }),
});
const user = (part: JsonValue) => windows({ runAsUserName: part });

describeRules("validateWindowsSecurityContextOptions()", `${PREFIX}.windowsOptions`, windows, [
  ["nothing", {}],
  ["a credential spec", { gmsaCredentialSpecName: "spec", gmsaCredentialSpec: "{}" }],
  ["an upper case name", { gmsaCredentialSpecName: "Spec" }, [
    ".gmsaCredentialSpecName: Invalid value",
  ]],
  ["an empty credential spec", { gmsaCredentialSpec: "" }, [".gmsaCredentialSpec: Invalid value"]],
  ["64 KiB", { gmsaCredentialSpec: "a".repeat(65536) }],
  ["more than 64 KiB", { gmsaCredentialSpec: "a".repeat(65537) }, [
    ".gmsaCredentialSpec: Invalid value",
  ]],
]);

const USER = `${PREFIX}.windowsOptions.runAsUserName`;

describeRules("validateWindowsSecurityContextOptions() users", USER, user, [
  ["a user", "Container User"],
  ["a user of a NetBIOS domain", "NT AUTHORITY\\SYSTEM"],
  ["a user of a DNS domain", "corp.example.com\\robot"],
  ["no user", "", [": Invalid value"]],
  ["a control character", "a\tb", [": Invalid value"]],
  ["two backslashes", "a\\b\\c", [": Invalid value"]],
  ["no user of a domain", "a\\", [": Invalid value"]],
  ["an empty domain", "\\a", [": Invalid value"]],
  ["a domain that begins with a dot", ".a\\b", [": Invalid value"]],
  ["a domain of 16 letters with a space", `${"a".repeat(14)} b\\c`, [": Invalid value"]],
  ["a domain of 15 letters with a space", `${"a".repeat(13)} b\\c`],
  [
    "a domain of 256 bytes",
    `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(62)}.e\\f`,
    [": Invalid value"],
  ],
  ["a user of 104 bytes", "a".repeat(104)],
  ["a user of 105 bytes", "a".repeat(105), [": Invalid value"]],
  ["dots alone", "...", [": Invalid value"]],
  ["a bracket in a user", "a[b", [": Invalid value"]],
]);

describeRules("validateSecurityContext() on Linux", PREFIX, (part) => ({
  os: { name: "linux" },
  ...security(part as Json),
}), [
  ["options of Windows", { windowsOptions: {} }, [".windowsOptions: Forbidden"]],
]);
