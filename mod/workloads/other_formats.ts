/** Files that look like Kubernetes objects, or are meant to become some. */
import { basename } from "node:path";
import { getOwn, isJsonObject, type JsonObject, type Path } from "../core/mod.ts";
import type { About } from "./manifest.ts";

/** What a document is instead, and what to do with it. */
export interface OtherFormat {
  readonly about: About;
  /** Where it shows. */
  readonly path: Path;
}

/** The files that make a directory another format's; see {@linkcode otherDirectory}. */
const CHART = "Chart.yaml";
const KUSTOMIZATIONS = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

const KUSTOMIZATION_KEYS = [
  ...["resources", "bases", "components", "patches", "patchesStrategicMerge", "helmCharts"],
  ...["configMapGenerator", "secretGenerator", "generators", "namePrefix", "images"],
];

/** Recognises a document of another format. */
export function otherFormat(value: JsonObject, file: string): OtherFormat | undefined {
  const kind = getOwn(value, "kind");
  if (kind === "Kustomization" || kind === "Component") return kustomization(file, ["kind"]);
  if (kind === "Template") {
    return {
      path: ["kind"],
      about: {
        code: "template-object",
        message: "This is a template of OpenShift, whose parameters are not filled in",
        hint: `oc process --local -f ${file} | podstead add -`,
      },
    };
  }
  if (kind === "KubeStaticPodConfig") return nodeConfig(file, "kind");
  if (typeof kind === "string") return undefined;
  if (isCompose(value)) {
    return {
      path: ["services"],
      about: {
        code: "compose-file",
        message: "This is a compose file",
        hint: `kompose convert -f ${file} --stdout | podstead add -`,
      },
    };
  }
  if (basename(file) === CHART || (isText(value, "name") && isText(value, "version"))) {
    return {
      path: [],
      about: {
        code: "helm-chart",
        message: "This describes a Helm chart",
        hint: "helm template NAME CHART | podstead add -",
      },
    };
  }
  for (const key of ["machine", "cluster", "agent"]) {
    if (isJsonObject(getOwn(value, key))) return nodeConfig(file, key);
  }
  const key = KUSTOMIZATION_KEYS.find((one) => Object.hasOwn(value, one));
  return KUSTOMIZATIONS.includes(basename(file)) || (key !== undefined && isNoObject(value))
    ? kustomization(file, key === undefined ? [] : [key])
    : undefined;
}

/**
 * Recognises a directory by the names in it, where reading its files one by one would tell
 * something else of each.
 */
export function otherDirectory(directory: string, names: readonly string[]): About | undefined {
  if (names.includes(CHART)) {
    return {
      code: "helm-chart",
      message: `"${directory}" is a Helm chart, whose templates are not rendered`,
      hint: `helm template NAME ${directory} | podstead add -`,
    };
  }
  if (KUSTOMIZATIONS.some((name) => names.includes(name))) {
    return {
      code: "kustomization",
      message: `"${directory}" is built by kustomize`,
      hint: `kubectl kustomize ${directory} | podstead add -`,
    };
  }
  return undefined;
}

function kustomization(file: string, path: Path): OtherFormat {
  const directory = file.includes("/") ? file.slice(0, file.lastIndexOf("/")) || "/" : ".";
  return {
    path,
    about: {
      code: "kustomization",
      message: "This is a kustomization, which says how to build objects",
      hint: `kubectl kustomize ${directory} | podstead add -`,
    },
  };
}

function nodeConfig(file: string, key: string): OtherFormat {
  return {
    path: [key],
    about: {
      code: "node-config",
      message: "This is podstead's own config",
      hint: `podstead apply -f ${file}`,
    },
  };
}

/** Services with an image or a build, which no Kubernetes object has at its root. */
function isCompose(value: JsonObject): boolean {
  const services = getOwn(value, "services");
  return isJsonObject(services) && Object.values(services).some((one) =>
    isJsonObject(one) &&
    ["image", "build", "extends", "command"].some((key) => Object.hasOwn(one, key))
  );
}

function isText(value: JsonObject, key: string): boolean {
  return typeof getOwn(value, key) === "string";
}

function isNoObject(value: JsonObject): boolean {
  return !Object.hasOwn(value, "spec") && !Object.hasOwn(value, "metadata");
}
