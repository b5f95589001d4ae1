/**
 * Writes tables.ts: the flags of each component by minor, from its Go sources.
 *
 *     deno run -RW mod/controlplane/flags/generate.ts [--without NAMES] \
 *       kubernetes:36=/src/kubernetes-1.36 etcd:6=/src/etcd-3.6 …
 *
 * Each argument names a checkout of a minor's newest tag; minors that are not
 * named keep what the tables have. The sources are read and not `--help`, which
 * leaves out the flags that are deprecated. `--without` takes the flags that a
 * distribution has added to its copy.
 *
 * Kubernetes 1.37 is 1.36.2 with the libraries of v0.37.0-beta.0 and later
 * (kubernetes/apiserver and the like, July 2026) and what the release notes say
 * of flags (kubernetes/sig-release, August 2026); those of the eviction
 * controllers, which the notes do not name, are taken from their sources.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { flagsOfMinor } from "./flag_table.ts";
import { type FlagsByMinor, formatTables } from "./format_tables.ts";
import { readFlags } from "./read_flags.ts";
import { FLAG_TABLES } from "./tables.ts";

const STAGING = "staging/src/k8s.io";
const COMMON = [
  `${STAGING}/component-base/logs/api/v1/options.go`,
  `${STAGING}/component-base/metrics/options.go`,
  `${STAGING}/component-base/featuregate/registry.go`,
  `${STAGING}/component-base/compatibility/registry.go`,
];
/** What a component has that asks the API server who may ask it. */
const DELEGATING = ["serving.go", "authentication.go", "authorization.go"]
  .map((file) => `${STAGING}/apiserver/pkg/server/options/${file}`);
const LEADER_ELECTION = `${STAGING}/component-base/config/options`;

/** Where a component's flags are defined: files, or directories with all in them. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  "kube-apiserver": [
    ...COMMON,
    `${STAGING}/apiserver/pkg/server/options`,
    "cmd/kube-apiserver/app/options",
    "pkg/controlplane/apiserver/options",
    "pkg/kubeapiserver/options",
    "plugin/pkg/admission/defaulttolerationseconds",
  ],
  "kube-controller-manager": [
    ...COMMON,
    ...DELEGATING,
    LEADER_ELECTION,
    "cmd/kube-controller-manager/app/options",
    `${STAGING}/controller-manager/options`,
    `${STAGING}/controller-manager/pkg/leadermigration/options`,
    `${STAGING}/cloud-provider/options/kubecloudshared.go`,
    `${STAGING}/cloud-provider/options/cloudprovider.go`,
    `${STAGING}/cloud-provider/options/servicecontroller.go`,
  ],
  "kube-scheduler": [...COMMON, ...DELEGATING, LEADER_ELECTION, "cmd/kube-scheduler/app/options"],
  "etcd": ["server/etcdmain/config.go", "server/embed/config.go"],
};

/** Defined through variables that reading does not follow. */
const EVERYWHERE = ["help", "version"];
const IN_KUBERNETES = ["emulated-version", "feature-gates"];
/** In the files read for kube-apiserver, but added by other servers only. */
const NOT_IN_API_SERVER = [
  "authentication-kubeconfig",
  "authentication-skip-lookup",
  "authentication-tolerate-lookup-failure",
  "authorization-always-allow-paths",
  "authorization-kubeconfig",
  "kubeconfig",
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { without: { type: "string", default: "" } },
});
const without = new Set(values.without.split(","));
const tables = new Map<string, FlagsByMinor>(
  Object.keys(SOURCES).map((component) => [component, tableBefore(component)]),
);
for (const argument of positionals) {
  const [, project = "", minor = "", root = ""] = /^(\w+):(\d+)=(.+)$/.exec(argument) ?? [];
  for (const [component, paths] of Object.entries(SOURCES)) {
    if ((component === "etcd") !== (project === "etcd")) continue;
    const { flags, deprecated } = readFlags(paths.flatMap((path) => goTexts(join(root, path))));
    for (const flag of EVERYWHERE) flags.add(flag);
    if (component !== "etcd") { for (const flag of IN_KUBERNETES) flags.add(flag); }
    if (component === "etcd" && Number(minor) >= 6) flags.add("feature-gates");
    if (component === "kube-apiserver") {
      for (const flag of NOT_IN_API_SERVER) flags.delete(flag);
    }
    for (const flag of without) for (const set of [flags, deprecated]) set.delete(flag);
    tables.get(component)?.set(Number(minor), { flags, deprecated });
  }
}
writeFileSync(join(import.meta.dirname ?? ".", "tables.ts"), formatTables(tables));
process.stderr.write("Wrote tables.ts\n");

/** What the tables have of a component until now. */
function tableBefore(component: string): FlagsByMinor {
  const table = FLAG_TABLES[component];
  return new Map(table?.minors.map((minor) => [minor, flagsOfMinor(table, minor)]));
}

/** The texts of a Go file, or of all in a directory; none if there is no such path. */
function goTexts(path: string): readonly string[] {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return [];
  const files = facts.isDirectory()
    ? readdirSync(path, { recursive: true, encoding: "utf8" }).map((name) => join(path, name))
    : [path];
  return files
    .filter((file) => file.endsWith(".go") && !file.endsWith("_test.go"))
    .map((file) => readFileSync(file, "utf8"));
}
