/**
 * From a kubelet's manifest folder to a node config: the control plane as
 * settings where they give the same pods, everything else as pods.
 */
import { formatKey, podKey } from "../../pods/mod.ts";
import { type JsonObject, type JsonValue, PodsteadError } from "../../core/mod.ts";
import { comparePods, type PodDifference } from "./compare_pods.ts";
import type { ClusterConfig } from "../config.ts";
import type { ControlPlaneNode } from "../context.ts";
import {
  type ComponentManifest,
  type FolderManifest,
  list,
  object,
  readComponent,
} from "./import_manifest.ts";
import {
  baseSettings,
  type ComponentManifests,
  SECTION,
  withExtras,
  withoutDefaults,
} from "./import_settings.ts";
import { type Component, COMPONENTS, type ControlPlanePlan } from "../plan.ts";
import { renderControlPlane } from "../render/render.ts";

/** A field in which the served pod will differ from the manifest. */
export interface ImportDifference extends PodDifference {
  /** Why it makes no difference to what runs. */
  readonly accepted: string;
}

/** What becomes of one manifest. */
export interface ImportedPod {
  readonly file: string;
  /** `namespace/name`. */
  readonly key: string;
  readonly as: "settings" | "pod";
  /** Why a control plane component became a plain pod. */
  readonly reason?: string;
  /** Empty for a plain pod, which is served as it is. */
  readonly differences: readonly ImportDifference[];
}

/** A config that takes over from a manifest folder. */
export interface ImportResult {
  /** The node config, as JSON, without defaults. */
  readonly config: JsonObject;
  /**
   * Every manifest, in order of the files. Each pod restarts once when it is
   * taken over, whatever its differences: the kubelet takes a pod that comes
   * from another source for another pod.
   */
  readonly pods: readonly ImportedPod[];
}

/** What importing needs from outside. */
export interface ImportDeps {
  /** The node as podstead will know it. */
  readonly node: ControlPlaneNode;
  /** Fills in the defaults of `cluster`, with the config's schema. @throws where it does not fit */
  readonly parseCluster: (settings: JsonObject) => ClusterConfig;
}

/** Turns manifests into a config. Pure. @throws {PodsteadError} if a manifest has no name */
export function importManifests(
  manifests: readonly FolderManifest[],
  deps: ImportDeps,
): ImportResult {
  const keys = new Map(manifests.map((manifest) => [manifest, keyOf(manifest)]));
  const components = new Map<Component, ComponentManifest>();
  const reasons = new Map<FolderManifest, string>();
  const origin = new Map<Component, FolderManifest>();
  for (const manifest of manifests) {
    const read = readComponent(manifest);
    if (read === undefined) continue;
    if ("reason" in read) reasons.set(manifest, read.reason);
    else if (!components.has(read.component)) {
      components.set(read.component, read);
      origin.set(read.component, manifest);
    }
  }
  const attempt = takeOver(components, deps);
  const asSettings = new Map<FolderManifest, readonly ImportDifference[]>();
  for (const [component, outcome] of attempt.components) {
    const manifest = origin.get(component);
    if (manifest === undefined) continue;
    if (typeof outcome === "string") reasons.set(manifest, outcome);
    else asSettings.set(manifest, outcome);
  }
  const plain = manifests.filter((manifest) => !asSettings.has(manifest));
  const settings = attempt.settings === undefined
    ? undefined
    : withoutDefaults(attempt.settings, deps.parseCluster({}));
  return {
    config: nodeConfig(settings, plain, attempt.components),
    pods: manifests.map((manifest) => {
      const differences = asSettings.get(manifest);
      const reason = reasons.get(manifest);
      return {
        file: manifest.file,
        key: keys.get(manifest) ?? "",
        as: differences === undefined ? "pod" : "settings",
        differences: differences ?? [],
        ...(differences === undefined && reason !== undefined ? { reason } : {}),
      };
    }),
  };
}

interface TakeOver {
  /** Undefined if no component can be had as settings. */
  readonly settings: JsonObject | undefined;
  /** Accepted differences, or the reason why it stays a pod. */
  readonly components: ReadonlyMap<Component, readonly ImportDifference[] | string>;
}

/**
 * Finds the settings for as many components as possible. One whose pod would
 * come out different is taken out and the rest tried again; without the API
 * server, which is always rendered, there are no settings at all.
 */
function takeOver(manifests: ComponentManifests, deps: ImportDeps): TakeOver {
  const refused = new Map<Component, string>(foreignMember(manifests, deps.node));
  const allRefused = () =>
    new Map([...manifests.keys()].map((component) => [
      component,
      refused.get(component) ?? "kube-apiserver is not among the settings",
    ]));
  for (;;) {
    const left = new Map([...manifests].filter(([component]) => !refused.has(component)));
    if (!left.has("kube-apiserver")) return { settings: undefined, components: allRefused() };
    const { settings, plan, error } = renderFor(left, deps);
    if (plan === undefined) {
      refused.set("kube-apiserver", error);
      continue;
    }
    const outcomes = new Map(
      [...left].map(([component, { pod }]) =>
        [component, judgeDifferences(component, pod, plan)] as const
      ),
    );
    const bad = [...outcomes].filter(([, outcome]) => typeof outcome === "string");
    if (bad.length === 0) {
      return { settings, components: new Map([...refused, ...outcomes]) };
    }
    for (const [component, outcome] of bad) refused.set(component, String(outcome));
  }
}

/** An etcd member of another name is not the one that would be rendered for this node. */
function foreignMember(
  manifests: ComponentManifests,
  node: ControlPlaneNode,
): readonly (readonly [Component, string])[] {
  const name = manifests.get("etcd")?.args["name"];
  if (name === undefined || name === node.name) return [];
  return [["etcd", `its member is named "${name}", this node "${node.name}"`]];
}

function renderFor(
  manifests: ComponentManifests,
  deps: ImportDeps,
): { readonly settings: JsonObject; readonly plan?: ControlPlanePlan; readonly error: string } {
  const base = baseSettings(manifests);
  const render = (settings: JsonObject) =>
    renderControlPlane({
      cluster: deps.parseCluster(settings),
      controlPlane: disabledSettings((component) => !manifests.has(component)),
      documents: [],
    }, deps.node);
  try {
    const settings = withExtras(base, manifests, render(base));
    return { settings, plan: render(settings), error: "" };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { settings: base, error: `no settings fit it: ${message}` };
  }
}

function judgeDifferences(
  component: Component,
  pod: JsonObject,
  plan: ControlPlanePlan,
): readonly ImportDifference[] | string {
  const rendered = plan.pods.find((one) => one.component === component);
  if (rendered === undefined) {
    const problem = plan.problems.find((one) =>
      one.severity === "error" && (one.component ?? component) === component
    );
    return problem?.message ?? "it cannot be rendered";
  }
  const differences = comparePods(pod, rendered.pod).map((difference) => ({
    ...difference,
    accepted: acceptance(difference, pod),
  }));
  const refused = differences.filter((difference) => difference.accepted === undefined);
  if (refused.length > 0) {
    return `settings cannot say ${refused.map(({ path }) => path).join(", ")}`;
  }
  return differences.map((difference) => ({ ...difference, accepted: difference.accepted ?? "" }));
}

/** kubeadm's numbers. Source: kubernetes cmd/kubeadm/app/util/staticpod, `StartupProbe`. */
const KUBEADM_STARTUP_PROBE: Readonly<Record<string, number>> = {
  initialDelaySeconds: 10,
  periodSeconds: 10,
  failureThreshold: 24,
};

/** Why a difference makes none to what runs; undefined if it does. */
function acceptance({ path, before, after }: PodDifference, pod: JsonObject): string | undefined {
  if (before === undefined && path.startsWith("metadata.labels.")) {
    return "a label that podstead adds";
  }
  if (before === undefined && path.startsWith("metadata.annotations.podstead.dev/")) {
    return "a hash that restarts the component when its files change";
  }
  if (before === undefined && path.endsWith("[--shutdown-watch-termination-grace-period]")) {
    return "an API server that stops no longer waits for its clients to end their watches";
  }
  const [, startup = ""] = /\.startupProbe\.(\w+)$/.exec(path) ?? [];
  if (before !== undefined && before === KUBEADM_STARTUP_PROBE[startup]) {
    return "it has the same 4 minutes to start, and is seen ready as soon as it is";
  }
  if (/\.hostPath\.type$/.test(path)) {
    const same = (before === "DirectoryOrCreate" && after === "Directory") ||
      (before === "FileOrCreate" && after === "File");
    return same ? "the path exists; an empty one must never be made in its place" : undefined;
  }
  if (after === undefined && /\.ports\[[^\]]*\]\./.test(path)) {
    return "the ports of a pod in the node's network only inform, and get in the way of its successor";
  }
  if (/Probe\.httpGet\.port$/.test(path) && typeof before === "string") {
    return namedPort(pod, before) === after ? "the same port, by its number" : undefined;
  }
  if (/Probe\.httpGet\.host$/.test(path) && (after === "127.0.0.1" || after === "::1")) {
    return "the component listens on every address, and this one never changes";
  }
  if (
    /\.volumeMounts\[.*\/etcd\]\.readOnly$/.test(path) && before === undefined && after === true
  ) {
    return "etcd only reads its certificates";
  }
  return undefined;
}

function namedPort(pod: JsonObject, name: string): JsonValue | undefined {
  const [container] = list(object(pod["spec"])["containers"]).map(object);
  return list(container?.["ports"]).map(object).find((port) => port["name"] === name)
    ?.["containerPort"];
}

function nodeConfig(
  settings: JsonObject | undefined,
  plain: readonly FolderManifest[],
  components: TakeOver["components"],
): JsonObject {
  const taken = (component: Component) => typeof components.get(component) === "object";
  const missing = COMPONENTS.filter((component) => !taken(component));
  const controlPlane = settings === undefined ? {} : Object.fromEntries(
    missing.filter((component) => component.startsWith("kube-") && component !== "kube-apiserver")
      .map((component) => [SECTION[component], { disabled: true }]),
  );
  const machine = {
    ...(Object.keys(controlPlane).length === 0 ? {} : { controlPlane }),
    ...(plain.length === 0 ? {} : { pods: plain.map((manifest) => manifest.pod) }),
  };
  return {
    ...(Object.keys(machine).length === 0 ? {} : { machine }),
    ...(settings === undefined ? {} : { cluster: settings }),
  };
}

function disabledSettings(missing: (component: Component) => boolean) {
  return {
    controllerManager: { disabled: missing("kube-controller-manager") },
    scheduler: { disabled: missing("kube-scheduler") },
  };
}

function keyOf(manifest: FolderManifest): string {
  const key = podKey(manifest.pod);
  if (key === undefined) {
    throw new PodsteadError("config", `The pod in "${manifest.file}" has no name`, {
      hint: "Give it metadata.name, or move the file out of the folder",
    });
  }
  return formatKey(key);
}
