/** From manifests to the settings that render them again. */
import { posix } from "node:path";
import {
  canonicalJson,
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "../../core/mod.ts";
import type { ClusterConfig } from "../config.ts";
import { type Arguments, argumentValue } from "../render/arguments.ts";
import { type ComponentManifest, mountedPaths, plainEnv } from "./import_manifest.ts";
import type { Component, ControlPlanePlan } from "../plan.ts";
import { imageTag, parseKubernetesVersion } from "../version.ts";

/** Manifests by component. */
export type ComponentManifests = ReadonlyMap<Component, ComponentManifest>;

/** The key of a component's section under `cluster`. */
export const SECTION: Readonly<Record<Component, string>> = {
  "etcd": "etcd",
  "kube-apiserver": "apiServer",
  "kube-controller-manager": "controllerManager",
  "kube-scheduler": "scheduler",
};

/** Comma lists, of which only what podstead does not have itself goes into `extraArgs`. */
const ADDITIVE = new Set([
  "authorization-mode",
  "controllers",
  "enable-admission-plugins",
  "feature-gates",
]);

/** Settings without `extraArgs` and `extraVolumes`, which only a first rendering shows. */
export function baseSettings(manifests: ComponentManifests): JsonObject {
  const flag = (component: Component, name: string) => {
    const manifest = manifests.get(component);
    return manifest === undefined ? undefined : argumentValue(manifest.args, name);
  };
  const api = manifests.get("kube-apiserver");
  const repository = api?.image.replace(/\/kube-apiserver[:@].*$/, "");
  const version = parseKubernetesVersion(imageTag(api?.image ?? "") ?? "")?.text;
  const clientCa = flag("kube-apiserver", "client-ca-file");
  const kubeconfig = flag("kube-controller-manager", "kubeconfig") ??
    flag("kube-scheduler", "kubeconfig");
  const issuer = flag("kube-apiserver", "service-account-issuer");
  const domain = /^https:\/\/kubernetes\.default\.svc\.(.+)$/.exec(issuer ?? "")?.[1];
  const port = flag("kube-apiserver", "secure-port");
  return definedOnly({
    kubernetesVersion: version,
    imageRepository: repository,
    clusterName: flag("kube-controller-manager", "cluster-name"),
    controlPlane: definedOnly({
      localAPIServerPort: port === undefined ? undefined : Number(port),
    }),
    advertiseAddress: flag("kube-apiserver", "advertise-address"),
    network: definedOnly({
      dnsDomain: domain,
      // Without the flag the network plugin gives addresses out; the default would take that over.
      podSubnets: manifests.has("kube-controller-manager")
        ? splitList(flag("kube-controller-manager", "cluster-cidr")) ?? []
        : undefined,
      serviceSubnets: splitList(flag("kube-apiserver", "service-cluster-ip-range")),
    }),
    pkiDirectory: clientCa === undefined ? undefined : posix.dirname(clientCa),
    kubeconfigDirectory: kubeconfig === undefined ? undefined : posix.dirname(kubeconfig),
    runAsNonRoot: false,
    externalEtcd: externalEtcd(api?.args ?? {}, clientCa),
    ...Object.fromEntries(
      [...manifests].map(([component, manifest]) => [
        SECTION[component],
        componentSettings(manifest, {
          image: `${repository}/${component}:${version}`,
          kubeconfigDirectory: posix.dirname(kubeconfig ?? ""),
        }),
      ]),
    ),
  });
}

/** The base settings with what the first rendering lacks: flags and volumes. */
export function withExtras(
  settings: JsonObject,
  manifests: ComponentManifests,
  plan: ControlPlanePlan,
): JsonObject {
  const sections = plan.pods.flatMap(({ component, pod }) => {
    const manifest = manifests.get(component);
    if (manifest === undefined) return [];
    const section = settings[SECTION[component]];
    const rendered = readRendered(manifest, pod);
    const extraArgs = extraArguments(manifest.args, rendered.args);
    const extraVolumes = extraVolumeSettings(manifest, rendered);
    return [
      [SECTION[component], {
        ...(section as JsonObject),
        ...(Object.keys(extraArgs).length === 0 ? {} : { extraArgs }),
        ...(extraVolumes.length === 0 ? {} : { extraVolumes }),
      }] as const,
    ];
  });
  return { ...settings, ...Object.fromEntries(sections) };
}

/** The settings that are not what they would be anyway. */
export function withoutDefaults(settings: JsonObject, defaults: ClusterConfig): JsonObject {
  return prune(settings, JSON.parse(JSON.stringify(defaults)));
}

/** Values with a meaning as a whole: no half of them may be left to a default. */
const WHOLE = new Set(["resources", "etcd", "externalEtcd"]);

function prune(settings: JsonObject, defaults: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]): [string, JsonValue][] => {
      const own = getOwn(defaults, key);
      if (own === undefined) return [[key, value]];
      if (canonicalJson(own) === canonicalJson(value)) return [];
      if (!isJsonObject(value) || !isJsonObject(own) || WHOLE.has(key)) return [[key, value]];
      const left = prune(value, own);
      return Object.keys(left).length === 0 ? [] : [[key, left]];
    }),
  );
}

/** Settings of one component, without those that are what podstead takes anyway. */
function componentSettings(
  manifest: ComponentManifest,
  defaults: { readonly image: string; readonly kubeconfigDirectory: string },
): JsonObject {
  const { component, image, args } = manifest;
  const confName = component === "kube-scheduler" ? "scheduler" : "controller-manager";
  const kubeconfig = argumentValue(args, "kubeconfig");
  const env = plainEnv(manifest);
  return definedOnly({
    image: component !== "etcd" && image === defaults.image ? undefined : image,
    env: env === undefined || Object.keys(env).length === 0 ? undefined : env,
    resources: getOwn(manifest.container, "resources") ?? {},
    kubeconfig: kubeconfig === `${defaults.kubeconfigDirectory}/${confName}.conf`
      ? undefined
      : kubeconfig,
    ...(component === "kube-apiserver" && !("startupProbe" in manifest.container)
      ? { startupProbes: false }
      : {}),
    ...(component === "etcd" ? etcdSettings(args) : {}),
  });
}

function etcdSettings(args: Arguments): JsonObject {
  const members = splitList(argumentValue(args, "initial-cluster")) ?? [];
  return definedOnly({
    dataDirectory: argumentValue(args, "data-dir"),
    initialCluster: members.length > 1 ? members : undefined,
    initialClusterState: argumentValue(args, "initial-cluster-state"),
  });
}

/** Etcd's place, unless it is the one where kubeadm puts a local member. */
function externalEtcd(args: Arguments, clientCa: string | undefined): JsonObject | undefined {
  const endpoints = splitList(argumentValue(args, "etcd-servers"));
  const pki = posix.dirname(clientCa ?? "");
  const local = endpoints?.length === 1 &&
    /^https:\/\/(?:127\.0\.0\.1|\[::1\]):2379$/.test(endpoints[0] ?? "") &&
    argumentValue(args, "etcd-cafile") === `${pki}/etcd/ca.crt` &&
    argumentValue(args, "etcd-certfile") === `${pki}/apiserver-etcd-client.crt`;
  if (endpoints === undefined || local) return undefined;
  return definedOnly({
    endpoints,
    caFile: argumentValue(args, "etcd-cafile"),
    certFile: argumentValue(args, "etcd-certfile"),
    keyFile: argumentValue(args, "etcd-keyfile"),
  });
}

function extraArguments(wanted: Arguments, rendered: Arguments): JsonObject {
  const extra: Record<string, JsonValue> = {};
  for (const [flag, value] of Object.entries(wanted)) {
    const own = rendered[flag];
    if (own !== undefined && canonicalJson(own) === canonicalJson(value)) continue;
    if (ADDITIVE.has(flag) && typeof own === "string" && typeof value === "string") {
      const have = new Set(own.split(","));
      extra[flag] = value.split(",").filter((item) => !have.has(item)).join(",");
    } else {
      extra[flag] = value;
    }
  }
  return extra;
}

function extraVolumeSettings(
  manifest: ComponentManifest,
  rendered: ComponentManifest,
): readonly JsonObject[] {
  const own = new Set(mountedPaths(rendered).map((path) => path.mountPath));
  return mountedPaths(manifest).filter((path) => !own.has(path.mountPath)).map((path) =>
    definedOnly({
      name: path.name,
      hostPath: path.hostPath,
      mountPath: path.mountPath,
      readonly: path.readonly || undefined,
      pathType: path.pathType,
    })
  );
}

function readRendered(manifest: ComponentManifest, pod: JsonObject): ComponentManifest {
  const spec = pod["spec"] as JsonObject;
  const [container] = spec["containers"] as readonly JsonObject[];
  const flags = (container?.["command"] as readonly string[]).slice(1);
  const args: Record<string, string | string[]> = {};
  for (const flag of flags) {
    const equals = flag.indexOf("=");
    const [name, value] = [flag.slice(2, equals), flag.slice(equals + 1)];
    const before = args[name];
    args[name] = before === undefined ? value : [before, value].flat();
  }
  return { ...manifest, pod, container: container ?? {}, args };
}

function splitList(text: string | undefined): readonly string[] | undefined {
  return text?.split(",").filter((item) => item !== "");
}

/** The members that have a value; an empty object is no value. */
function definedOnly(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(members).flatMap(([key, value]) =>
      value === undefined || isEmptyObject(key, value) ? [] : [[key, value]]
    ),
  );
}

/** A component's section counts also when it is empty; `resources: {}` asks for nothing. */
function isEmptyObject(key: string, value: JsonValue): boolean {
  return (key === "controlPlane" || key === "network") && Object.keys(value ?? {}).length === 0;
}
