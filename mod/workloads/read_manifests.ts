/** From text to the objects that it holds; what is no such object is told what to do. */
import {
  canonicalJson,
  findPlaceholder,
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  nearest,
  type Path,
  type Problem,
  renderHint,
} from "../core/mod.ts";
import { DEFAULT_NAMESPACE } from "../pods/mod.ts";
import {
  holdsSecret,
  isQuotable,
  type ParsedYaml,
  parseYaml,
  type YamlDocument,
} from "../yaml/mod.ts";
import { CLUSTER_KINDS, LEFT_OUT, REMOVED_VERSIONS, TAKEN } from "./kinds.ts";
import { type About, Findings, type Manifest, textAt } from "./manifest.ts";
import { otherFormat } from "./other_formats.ts";

/** The objects of one text that are taken, and what was found of the others. */
export interface ReadManifests {
  readonly manifests: readonly Manifest[];
  readonly findings: Findings;
}

/**
 * Reads YAML of any number of documents, or JSON; lists are taken apart.
 *
 * @param file the name for problems, as the user gave it
 * @param namespace of objects that name none
 */
export function readManifests(
  text: string,
  file: string,
  namespace = DEFAULT_NAMESPACE,
): ReadManifests {
  const parsed = parseYaml(text, file);
  const reader = new Reader(text, file, namespace, parsed);
  reader.findings.problems.push(...parsed.problems);
  for (const document of parsed.documents) {
    if (document.value !== null) reader.take(document, [], document.value);
  }
  return reader;
}

class Reader implements ReadManifests {
  readonly manifests: Manifest[] = [];
  readonly findings = new Findings();
  readonly #file: string;
  readonly #namespace: string;
  readonly #lineText: ParsedYaml["lineText"];
  readonly #hasSecret: boolean;

  constructor(text: string, file: string, namespace: string, { lineText }: ParsedYaml) {
    this.#hasSecret = holdsSecret(text);
    this.#file = file;
    this.#namespace = namespace;
    this.#lineText = lineText;
  }

  take(document: YamlDocument, base: Path, value: JsonValue): void {
    const wrong = (about: About, path: Path = [], part: "key" | "value" = "value") =>
      this.findings.problems.push(this.#problem(document, [...base, ...path], about, part));
    if (!isJsonObject(value)) {
      wrong({
        code: "invalid-document",
        message: "This is no object",
        wanted: "an object with apiVersion, kind and metadata",
      });
      return;
    }
    const other = otherFormat(value, this.#file);
    if (other !== undefined) return void wrong(other.about, other.path, "key");
    const kind = getOwn(value, "kind");
    if (typeof kind !== "string" || kind === "") {
      wrong({
        code: "missing-kind",
        message: 'The document has no "kind"',
        wanted: `a kind such as Deployment or Pod, with its apiVersion`,
      });
      return;
    }
    const items = getOwn(value, "items");
    if (kind.endsWith("List") && (Array.isArray(items) || items === null)) {
      // The items of a typed list, such as a DeploymentList, need no kind of their own.
      const own = kind.slice(0, -"List".length);
      (items ?? []).forEach((item: JsonValue, at) =>
        this.take(
          document,
          [...base, "items", at],
          own === "" || !isJsonObject(item)
            ? item
            : { apiVersion: getOwn(value, "apiVersion") ?? "", kind: own, ...item },
        )
      );
      return;
    }
    this.#takeObject(document, base, value, kind);
  }

  #takeObject(document: YamlDocument, base: Path, value: JsonObject, kind: string): void {
    const name = textAt(value, ["metadata", "name"]);
    const manifest: Manifest = {
      kind,
      name: name ?? "",
      namespace: CLUSTER_KINDS.has(kind)
        ? ""
        : textAt(value, ["metadata", "namespace"]) ?? this.#namespace,
      value,
      file: this.#file,
      document: document.index,
      positionOf: (path, part) => document.positionOf([...base, ...path], part),
      lineText: this.#lineText,
    };
    if (isHook(value)) {
      this.findings.leaveOut(
        manifest,
        ["metadata", "annotations"],
        "helm itself runs its hooks, at an install, an upgrade or a test",
        "Take the annotation helm.sh/hook out if it should run here",
      );
      return;
    }
    const wrong = (path: Path, about: About, part: "key" | "value" = "value") =>
      this.findings.problems.push(this.#problem(document, [...base, ...path], about, part));
    if (!this.#isTaken(manifest, wrong)) return;
    if (name === undefined) {
      wrong(["metadata"], {
        code: "missing-name",
        message: `The ${kind} has no name`,
        wanted: "metadata.name",
        ...(textAt(value, ["metadata", "generateName"]) === undefined
          ? {}
          : { hint: "Nothing generates names here: write metadata.name" }),
      }, "key");
      return;
    }
    this.manifests.push(manifest);
  }

  /** Whether the object is of a kind and version that is taken; tells of any other. */
  #isTaken(
    manifest: Manifest,
    wrong: (path: Path, about: About, part?: "key" | "value") => void,
  ): boolean {
    const { kind, value } = manifest;
    const version = getOwn(value, "apiVersion") ?? null;
    const group = typeof version === "string" && version.includes("/") ? version : "v1";
    const wanted = Object.hasOwn(TAKEN, kind) ? TAKEN[kind] : undefined;
    if (wanted === version) return true;
    // The same kind's name in the group of another controller.
    const isForeign = /^[^/]*\.[^/]+\/./.test(group) && !/(^|\.)k8s\.io\//.test(group);
    if (wanted !== undefined && !isForeign) {
      wrong(version === null ? ["kind"] : ["apiVersion"], {
        code: version === null ? "missing-api-version" : "unknown-api-version",
        ...versionText(kind, version, wanted),
      }, version === null ? "key" : "value");
      return false;
    }
    const known = Object.hasOwn(LEFT_OUT, kind) ? LEFT_OUT[kind] : undefined;
    if (known !== undefined) {
      this.findings.leaveOut(manifest, [], known.why, known.hint);
      return false;
    }
    if (isForeign || /(^|\.)k8s\.io\//.test(group)) {
      this.findings.leaveOut(
        manifest,
        [],
        `objects of ${group} are for a controller that asks an API server`,
      );
      return false;
    }
    const near = nearest(kind, [...Object.keys(TAKEN), ...Object.keys(LEFT_OUT)]);
    const mark = findPlaceholder(kind);
    wrong(["kind"], {
      code: "unknown-kind",
      message: `The kind "${kind}" is not known`,
      wanted: "Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, Pod, ConfigMap, Secret, …",
      ...(mark !== undefined
        ? { hint: renderHint(mark) }
        : near === undefined
        ? {}
        : { hint: `Did you mean "${near}"?` }),
    });
    return false;
  }

  #problem(document: YamlDocument, path: Path, about: About, part: "key" | "value"): Problem {
    const position = document.positionOf(path, part);
    const sourceLine = this.#lineText(position.line);
    return {
      severity: "error",
      file: this.#file,
      position,
      // A document without a kind may be a part of a Secret.
      ...(isQuotable(sourceLine, this.#hasSecret) ? { sourceLine } : {}),
      path,
      ...about,
    };
  }
}

function versionText(
  kind: string,
  version: JsonValue,
  wanted: string,
): Pick<About, "message" | "wanted" | "hint"> {
  if (version === null) {
    return { message: `The ${kind} has no "apiVersion"`, wanted: `"apiVersion: ${wanted}"` };
  }
  const text = typeof version === "string" ? version : canonicalJson(version);
  const removed = Object.hasOwn(REMOVED_VERSIONS, text) ? REMOVED_VERSIONS[text] : undefined;
  return {
    message: removed === undefined
      ? `There is no ${kind} of apiVersion "${text}"`
      : `Kubernetes has no ${kind} of apiVersion "${text}" since ${removed}`,
    wanted: `"apiVersion: ${wanted}"`,
    hint: `Write ${wanted}; "kubectl convert" does it for many files`,
  };
}

/** Whether helm runs the object at a moment of its own. */
function isHook(value: JsonObject): boolean {
  return textAt(value, ["metadata", "annotations", "helm.sh/hook"]) !== undefined;
}
