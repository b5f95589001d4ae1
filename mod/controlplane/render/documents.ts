/** Talos 1.14 documents, laid over the settings of `cluster`. */
import type {
  ClusterConfig,
  ComponentConfig,
  ControlPlaneConfig,
  ControlPlaneDocument,
  KubeAPIServerDocument,
} from "../config.ts";
import type { Component, RenderProblem } from "../plan.ts";

/** The settings after the documents, and what came from where. */
export interface EffectiveConfig {
  readonly cluster: ClusterConfig;
  readonly disabled: ReadonlySet<Component>;
  /** The document that speaks for a component, where there is one. */
  readonly documents: ReadonlyMap<Component, ControlPlaneDocument>;
  readonly problems: readonly RenderProblem[];
}

const COMPONENT_OF = {
  KubeAPIServerConfig: "kube-apiserver",
  KubeControllerManagerConfig: "kube-controller-manager",
  KubeSchedulerConfig: "kube-scheduler",
} as const;

/** Lays the documents over `cluster`; of two documents of one kind the first one counts. */
export function applyDocuments(config: ControlPlaneConfig): EffectiveConfig {
  const documents = new Map<Component, ControlPlaneDocument>();
  const problems: RenderProblem[] = [];
  let cluster = config.cluster;
  const disabled = new Set<Component>();
  if (config.controlPlane.controllerManager.disabled) disabled.add("kube-controller-manager");
  if (config.controlPlane.scheduler.disabled) disabled.add("kube-scheduler");
  for (const document of config.documents) {
    const component = COMPONENT_OF[document.kind];
    if (documents.has(component)) {
      problems.push({
        severity: "error",
        code: "duplicate-document",
        document: document.kind,
        path: ["kind"],
        message: `There are two documents of kind "${document.kind}"; the first one counts`,
        hint: "Remove one of the two",
      });
      continue;
    }
    documents.set(component, document);
    if ("enabled" in document && document.enabled !== undefined) {
      if (document.enabled) disabled.delete(component);
      else disabled.add(component);
    }
    cluster = applyDocument(cluster, document);
  }
  return { cluster, disabled, documents, problems };
}

function applyDocument(cluster: ClusterConfig, document: ControlPlaneDocument): ClusterConfig {
  switch (document.kind) {
    case "KubeAPIServerConfig":
      return {
        ...cluster,
        controlPlane: {
          ...cluster.controlPlane,
          localAPIServerPort: document.apiPort ?? cluster.controlPlane.localAPIServerPort,
        },
        apiServer: applyApiServer(cluster, document),
      };
    case "KubeControllerManagerConfig":
      return { ...cluster, controllerManager: overlay(cluster.controllerManager, document) };
    case "KubeSchedulerConfig": {
      const scheduler = overlay(cluster.scheduler, document);
      return {
        ...cluster,
        scheduler: { ...scheduler, config: document.config ?? scheduler.config },
      };
    }
  }
}

function applyApiServer(cluster: ClusterConfig, document: KubeAPIServerDocument) {
  const apiServer = overlay(cluster.apiServer, document);
  return {
    ...apiServer,
    certSANs: [...apiServer.certSANs, ...document.certExtraSANs ?? []],
    startupProbes: document.startupProbes ?? apiServer.startupProbes,
  };
}

function overlay<T extends ComponentConfig>(config: T, document: ControlPlaneDocument): T {
  return {
    ...config,
    image: document.image ?? config.image,
    extraArgs: { ...config.extraArgs, ...document.extraArgs },
    env: { ...config.env, ...document.env },
    resources: document.resources ?? config.resources,
  };
}
