/** The whole control plane of one node, from its config. */
import { isIPv6 } from "node:net";
import { canonicalJson, errorText } from "../../core/mod.ts";
import { renderApiServer } from "./api_server.ts";
import type { ClusterConfig, ControlPlaneConfig } from "../config.ts";
import {
  type ComponentProblem,
  type ControlPlaneNode,
  type RenderContext,
  type RenderedComponent,
} from "../context.ts";
import { CURRENT_DEFAULTS, EARLIER_DEFAULTS } from "../defaults.ts";
import { renderControllerManager } from "./controller_manager.ts";
import { applyDocuments, type EffectiveConfig } from "./documents.ts";
import { renderEtcd } from "./etcd.ts";
import { etcdAccess } from "../access/etcd_access.ts";
import {
  type Component,
  type ComponentPlan,
  COMPONENTS,
  type ControlPlanePlan,
  type RenderProblem,
} from "../plan.ts";
import { renderScheduler } from "./scheduler.ts";
import { CHECKED_MINORS, imageTag, parseKubernetesVersion } from "../version.ts";

/** The key of a component under `cluster`. */
const SETTING_OF: Readonly<Record<Component, string>> = {
  "etcd": "etcd",
  "kube-apiserver": "apiServer",
  "kube-controller-manager": "controllerManager",
  "kube-scheduler": "scheduler",
};

/**
 * Renders the control plane pods of a node. Pure: what has to be on the disk
 * is named in the result, and neither read nor written here.
 *
 * The components do not depend on each other: one with an error among its
 * problems is left out, the others are still rendered.
 *
 * @throws never; a fault of a renderer becomes a problem of its component
 */
export function renderControlPlane(
  config: ControlPlaneConfig,
  node: ControlPlaneNode,
): ControlPlanePlan {
  const effective = applyDocuments(config);
  const { cluster } = effective;
  const advertiseAddress = cluster.advertiseAddress ?? node.address;
  const loopback = isIPv6(advertiseAddress) ? "::1" : "127.0.0.1";
  const etcd = etcdAccess(cluster, loopback);
  const problems: RenderProblem[] = [...effective.problems];
  const version = clusterVersion(cluster);
  if (version === undefined) {
    const failed = COMPONENTS.filter((component) =>
      !effective.disabled.has(component) && (component !== "etcd" || cluster.etcd !== undefined)
    );
    return { pods: [], failed, problems: [...problems, unknownVersion(effective)], etcd };
  }
  if (!CHECKED_MINORS.includes(version.minor)) problems.push(uncheckedVersion(version.text));
  const context: RenderContext = {
    cluster,
    node,
    advertiseAddress,
    loopback,
    version,
    etcd,
    allowUnknownFlags: config.allowUnknownFlags ?? false,
    defaults: CURRENT_DEFAULTS,
  };
  const pods: ComponentPlan[] = [];
  const failed: Component[] = [];
  for (const [component, render] of renderers(context)) {
    if (effective.disabled.has(component)) continue;
    const rendered = attempt(component, render);
    const own = rendered.problems.map((problem) => located(problem, component, effective));
    problems.push(...own);
    if (rendered.plan !== undefined && own.every((problem) => problem.severity !== "error")) {
      pods.push(withEarlierPods(rendered.plan, context));
    } else {
      failed.push(component);
    }
  }
  return { pods, failed, problems, etcd };
}

/** Adds what the same settings gave by earlier defaults. */
function withEarlierPods(plan: ComponentPlan, context: RenderContext): ComponentPlan {
  const pods = new Map([[canonicalJson(plan.pod), plan.pod]]);
  for (const defaults of EARLIER_DEFAULTS) {
    const [, render] = renderers({ ...context, defaults })
      .find(([component]) => component === plan.component) ?? [];
    const earlier = render === undefined ? undefined : attempt(plan.component, render).plan;
    if (earlier !== undefined) pods.set(canonicalJson(earlier.pod), earlier.pod);
  }
  return { ...plan, earlierPods: [...pods.values()].slice(1) };
}

function renderers(
  context: RenderContext,
): readonly (readonly [Component, () => RenderedComponent])[] {
  const { etcd } = context.cluster;
  return [
    ...(etcd === undefined ? [] : [["etcd", () => renderEtcd(context, etcd)] as const]),
    ["kube-apiserver", () => renderApiServer(context)],
    ["kube-controller-manager", () => renderControllerManager(context)],
    ["kube-scheduler", () => renderScheduler(context)],
  ];
}

/** One component's fault must not reach another: siderolabs/talos issue 13445. */
function attempt(
  component: Component,
  render: () => RenderedComponent,
): { readonly plan?: ComponentPlan; readonly problems: readonly ComponentProblem[] } {
  try {
    return render();
  } catch (error) {
    return {
      problems: [{
        severity: "error",
        code: "render-failed",
        setting: [],
        message: `Cannot render ${component}: ${errorText(error)}`,
        hint: "This is a fault of podstead; report it with the config",
      }],
    };
  }
}

function located(
  problem: ComponentProblem,
  component: Component,
  effective: EffectiveConfig,
): RenderProblem {
  const { setting, ...rest } = problem;
  const document = effective.documents.get(component);
  const [section, key] = setting;
  const inDocument = document !== undefined && section === "extraArgs" &&
    typeof key === "string" && Object.hasOwn(document.extraArgs ?? {}, key);
  return {
    ...rest,
    component,
    document: inDocument ? document.kind : "node",
    path: inDocument ? setting : ["cluster", SETTING_OF[component], ...setting],
  };
}

function clusterVersion(cluster: ClusterConfig) {
  const text = cluster.kubernetesVersion ??
    (cluster.apiServer.image === undefined ? undefined : imageTag(cluster.apiServer.image));
  return text === undefined ? undefined : parseKubernetesVersion(text);
}

function unknownVersion(effective: EffectiveConfig): RenderProblem {
  const image = effective.cluster.apiServer.image;
  return {
    severity: "error",
    code: "kubernetes-version-unknown",
    document: "node",
    path: ["cluster", "kubernetesVersion"],
    message: image === undefined
      ? "The Kubernetes version is not set"
      : `The Kubernetes version is not set, and image "${image}" has no tag that tells it`,
    wanted: "a version such as v1.36.2",
    hint: "Set cluster.kubernetesVersion",
  };
}

function uncheckedVersion(version: string): RenderProblem {
  const [first, last] = [CHECKED_MINORS[0], CHECKED_MINORS.at(-1)];
  return {
    severity: "warning",
    code: "kubernetes-version-unchecked",
    document: "node",
    path: ["cluster", "kubernetesVersion"],
    message: `Kubernetes ${version} was not checked; flags may have changed`,
    wanted: `1.${first} to 1.${last}`,
  };
}
