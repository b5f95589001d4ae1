/** From the objects that people have to pods, ConfigMaps and Secrets of a node; pure. */
import {
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Path,
  type Position,
} from "../core/mod.ts";
import {
  declareObjects,
  DEFAULT_NAMESPACE,
  formatKey,
  OBJECT_KINDS,
  type ObjectKind,
  type PodKey,
} from "../pods/mod.ts";
import { Claims } from "./claims.ts";
import { draftPods } from "./drafts.ts";
import { type Findings, type Manifest, nameOf, objectAt, textAt } from "./manifest.ts";
import { keptAnnotations, originOf, type PodDraft, podOf } from "./pod_template.ts";
import { type Publication, publishServices, reportSharedPorts } from "./publish.ts";

/** What a person chose where there is a choice. */
export interface ConvertOptions {
  /** The directory below which each claim gets its own; absolute. */
  readonly volumesDirectory?: string;
  /** Whether a workload becomes as many numbered pods as it asks for. */
  readonly replicas?: boolean;
  readonly publications?: readonly Publication[];
  /** Where the names of published Services lead to. */
  readonly nodeAddress?: string;
}

/** A pod to declare. */
export interface ConvertedPod extends PodKey {
  readonly pod: JsonObject;
  /** The object that it was: `Deployment default/web`. */
  readonly from: string;
  /** The file as the user named it. */
  readonly file: string;
  /** Where a place of the pod was written. */
  placeOf(path: Path): Position;
  lineText(line: number): string;
}

/** A ConfigMap or Secret to declare. */
export interface ConvertedObject extends PodKey {
  readonly kind: ObjectKind;
  readonly object: JsonObject;
  readonly file: string;
  /** Where a place of the object was written. */
  placeOf(path: Path): Position;
  lineText(line: number): string;
  /** The first of the pods that uses it; undefined if none does. */
  readonly usedBy: PodKey | undefined;
}

/** What becomes of the objects; what is left out or wrong is in the findings. */
export interface Conversion {
  readonly pods: readonly ConvertedPod[];
  readonly objects: readonly ConvertedObject[];
}

/**
 * Converts the objects of all files together. With a problem among the findings, what it is about
 * may be missing.
 *
 * @throws {UsageError} if a publication fits no Service
 */
export function convert(
  given: readonly Manifest[],
  findings: Findings,
  options: ConvertOptions = {},
): Conversion {
  const manifests = unique(given, findings);
  const ofKind = (...kinds: readonly string[]) =>
    manifests.filter(({ kind }) => kinds.includes(kind));
  const { replicas = false, publications = [], nodeAddress, volumesDirectory } = options;
  const notPods = [...OBJECT_KINDS, "Service", "PersistentVolumeClaim", "PersistentVolume"];
  const made = manifests.filter(({ kind }) => !notPods.includes(kind))
    .map((manifest) => draftPods(manifest, replicas, findings));
  const claims = new Claims({
    claims: [...ofKind("PersistentVolumeClaim"), ...made.flatMap((one) => one.claims)],
    persistentVolumes: ofKind("PersistentVolume"),
    ...(volumesDirectory === undefined ? {} : { volumesDirectory }),
  }, findings);
  const resolved = made.flatMap(({ drafts }) => drafts).map((draft) => claims.resolve(draft));
  claims.tellUnused();
  const drafts = publishServices(resolved, ofKind("Service"), {
    publications,
    ...(nodeAddress === undefined ? {} : { nodeAddress }),
  }, findings);
  reportSharedPorts(drafts, findings);
  reportSharedNames(drafts, findings);
  return {
    pods: drafts.map(convertedPod),
    objects: convertObjects(ofKind(...OBJECT_KINDS), drafts, findings),
  };
}

/** Each object once; tells of the others. */
function unique(manifests: readonly Manifest[], findings: Findings): readonly Manifest[] {
  const seen = new Map<string, Manifest>();
  for (const manifest of manifests) {
    const earlier = seen.get(nameOf(manifest));
    if (earlier === undefined) {
      seen.set(nameOf(manifest), manifest);
      continue;
    }
    findings.report(manifest, ["metadata", "name"], {
      code: "duplicate-object",
      message: `${nameOf(manifest)} stands twice`,
      hint: "Remove or rename one of the two",
      related: { file: earlier.file, position: earlier.positionOf(["metadata", "name"]) },
    });
  }
  return [...seen.values()];
}

/** A Deployment and a DaemonSet may have one name; their pods cannot. */
function reportSharedNames(drafts: readonly PodDraft[], findings: Findings): void {
  const seen = new Map<string, PodDraft>();
  for (const draft of drafts) {
    const key = formatKey({ namespace: draft.manifest.namespace, name: draft.name });
    const earlier = seen.get(key);
    if (earlier === undefined) {
      seen.set(key, draft);
      continue;
    }
    findings.report(draft.manifest, ["metadata", "name"], {
      code: "duplicate-pod",
      message: `Two pods would be called "${key}": of ${nameOf(earlier.manifest)} and of ${
        nameOf(draft.manifest)
      }`,
      hint: "Rename one of the two",
      related: {
        file: earlier.manifest.file,
        position: earlier.manifest.positionOf(["metadata", "name"]),
      },
    });
  }
}

function convertedPod(draft: PodDraft): ConvertedPod {
  const { manifest } = draft;
  return {
    namespace: manifest.namespace,
    name: draft.name,
    pod: podOf(draft),
    from: nameOf(manifest),
    file: manifest.file,
    placeOf: (path) => manifest.positionOf(originOf(draft, path)),
    lineText: manifest.lineText,
  };
}

function convertObjects(
  manifests: readonly Manifest[],
  drafts: readonly PodDraft[],
  findings: Findings,
): readonly ConvertedObject[] {
  const objects = manifests.flatMap((manifest): readonly ConvertedObject[] => {
    const kind = OBJECT_KINDS.find((one) => one === manifest.kind);
    if (kind === undefined) return [];
    if (textAt(manifest.value, ["type"]) === "kubernetes.io/service-account-token") {
      findings.leaveOut(manifest, ["type"], "there is no API server that fills in a token");
      return [];
    }
    const { namespace, name, file } = manifest;
    const user = drafts.find((draft) =>
      draft.manifest.namespace === namespace && references(draft.spec).has(`${kind} ${name}`)
    );
    return [{
      kind,
      namespace,
      name,
      object: plainObject(manifest),
      file,
      placeOf: (path) => manifest.positionOf(path),
      lineText: manifest.lineText,
      usedBy: user === undefined ? undefined : { namespace, name: user.name },
    }];
  });
  const judged = declareObjects(objects.flatMap((one) => {
    const manifest = manifests.find((other) => nameOf(other) === nameOf(one));
    if (manifest === undefined) return [];
    const { file, document, positionOf, lineText } = manifest;
    const source = { file, document, index: 0, position: one.placeOf([]) };
    return [{ kind: one.kind, entry: { source, pod: one.object, positionOf, lineText } }];
  }));
  findings.problems.push(...judged.problems);
  return objects;
}

/** The object without what an API server has added to it. */
function plainObject({ kind, namespace, name, value }: Manifest): JsonObject {
  const labels = objectAt(value, ["metadata", "labels"]);
  const annotations = keptAnnotations(objectAt(value, ["metadata", "annotations"]));
  return {
    apiVersion: "v1",
    kind,
    metadata: {
      name,
      ...(namespace === DEFAULT_NAMESPACE ? {} : { namespace }),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    ...Object.fromEntries(
      Object.entries(value).filter(([key]) => !["apiVersion", "kind", "metadata"].includes(key)),
    ),
  };
}

/** Where a pod names an object, by the field that does. */
const REFERENCES: Readonly<Record<string, ObjectKind>> = {
  configMap: "ConfigMap",
  configMapRef: "ConfigMap",
  configMapKeyRef: "ConfigMap",
  secret: "Secret",
  secretRef: "Secret",
  secretKeyRef: "Secret",
};

/** The objects that a pod refers to, such as `ConfigMap app`. */
function references(spec: JsonObject): ReadonlySet<string> {
  const found = new Set<string>();
  const look = (value: JsonValue) => {
    if (Array.isArray(value)) return value.forEach(look);
    if (!isJsonObject(value)) return;
    for (const [field, one] of Object.entries(value)) {
      const kind = Object.hasOwn(REFERENCES, field) ? REFERENCES[field] : undefined;
      const name = textAt(one, ["name"]) ?? textAt(one, ["secretName"]);
      if (kind !== undefined && name !== undefined) found.add(`${kind} ${name}`);
      look(one);
    }
  };
  look(spec);
  const pulls = getOwn(spec, "imagePullSecrets");
  for (const one of Array.isArray(pulls) ? pulls : []) {
    found.add(`Secret ${textAt(one, ["name"]) ?? ""}`);
  }
  return found;
}
