import {
  canonicalJson,
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "../../../mod/core/mod.ts";
import { parseDocument } from "yaml";
import { judgeBody } from "../../../mod/pods/mod.ts";
import { judgeStructure } from "./judge.ts";
import type { Pod } from "./pod.ts";
import { podUid } from "./uid.ts";

/** The version whose behaviour the stand-in has, 1.x. */
export const DEFAULT_MINOR = 36;

/** What the kubelet knows of itself and puts into a pod. */
export interface DecodeContext {
  /** Where the bytes came from; part of each UID. */
  readonly url: string;
  readonly nodeName: string;
  /** The kubelet's own version, 1.x; part of each UID too. */
  readonly minor?: number;
  /** Milliseconds since the epoch, for `kubernetes.io/config.seen`. */
  readonly nowMs: number;
}

/**
 * Reads a manifest body as the kubelet does: a single Pod first, then a PodList.
 *
 * One invalid pod refuses the whole list. The pods come back in their order,
 * with UID, suffixed name, namespace, node name and annotations.
 *
 * @throws {Error} whose message is what the kubelet logs
 */
export function decodeManifest(body: Uint8Array, context: DecodeContext): readonly Pod[] {
  const refused = (single: string, multiple: string) =>
    new Error(
      `${context.url}: received ${JSON.stringify(new TextDecoder().decode(body.slice(0, 200)))}, ` +
        `but couldn't parse as single (${single}) or multiple pods (${multiple})`,
    );
  let value: JsonValue;
  try {
    value = parseBody(decodeText(body));
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw refused(reason, reason);
  }
  if (!isJsonObject(value)) throw refused("not an object", "not an object");
  // The type of a document is found in any case; nested fields are not.
  const kind = caseless(value, "kind");
  const version = caseless(value, "apiVersion");
  if (version !== "v1" || (kind !== "Pod" && kind !== "PodList")) {
    const reason = `no kind ${JSON.stringify(kind ?? "")} is registered for version ` +
      `${JSON.stringify(version ?? "")}`;
    throw refused(reason, reason);
  }
  const items = kind === "Pod" ? [value] : getOwn(value, "items") ?? [];
  if (!Array.isArray(items)) throw refused("not a Pod", "items is not a list");
  const verdict = judgeBody(body, { nodeName: context.nodeName });
  const [error] = verdict.errors;
  if (verdict.mode === "none") {
    const reason = error === undefined ? "not decoded" : `${error.field}: ${error.detail}`;
    throw refused(reason, reason);
  }
  const pods = items.map((item: JsonValue, index) => {
    if (!isJsonObject(item)) throw refused("not a Pod", "an item is not an object");
    return takeIn(item, plain(verdict.pods[index]), context);
  });
  if (error !== undefined) {
    const reasons = verdict.errors.map(({ field, type, detail }) =>
      `${field.replace(/^items\[\d+\]\./, "")}: ${type}${detail === "" ? "" : `: ${detail}`}`
    );
    throw new Error(`invalid pod: [${reasons.join(", ")}]`);
  }
  return pods;
}

/** JSON if it begins with a brace, else the first YAML document, by YAML 1.1. */
function parseBody(text: string): JsonValue {
  if (/^\s*\{/.test(text)) return JSON.parse(text);
  const first = text.replace(/^---[^\n]*\n/, "").split(/^---(?:\s|$)/m)[0] ?? "";
  const document = parseDocument(first, { version: "1.1", uniqueKeys: false, merge: true });
  if (document.errors[0] !== undefined) throw document.errors[0];
  return document.toJS();
}

function decodeText(body: Uint8Array): string {
  if (body[0] === 0xff && body[1] === 0xfe) return new TextDecoder("utf-16le").decode(body);
  if (body[0] === 0xfe && body[1] === 0xff) return new TextDecoder("utf-16be").decode(body);
  return new TextDecoder().decode(body);
}

function caseless(object: JsonObject, key: string): JsonValue | undefined {
  const found = Object.keys(object).find((own) => own.toLowerCase() === key.toLowerCase());
  return found === undefined ? undefined : object[found];
}

/**
 * @param held the pod as the kubelet holds it, unknown fields dropped and
 * defaults set: its UID is made of that; undefined for one that is refused
 */
function takeIn(declared: JsonObject, held: JsonValue, context: DecodeContext): Pod {
  const { kind: _, apiVersion: __, status: ___, ...content } = declared;
  const metadata = objectOf(content["metadata"]);
  const declaredName = textOf(metadata["name"]);
  if (declaredName === "") throw new Error("invalid pod: name is needed for the pod");
  const declaredUid = textOf(metadata["uid"]);
  const uid = declaredUid === ""
    ? podUid(held, `url:${context.url}`, context.minor ?? DEFAULT_MINOR)
    : declaredUid;
  const namespace = textOf(metadata["namespace"]);
  const pod = {
    ...content,
    metadata: {
      ...metadata,
      name: `${declaredName}-${context.nodeName.toLowerCase()}`,
      namespace: namespace === "" ? "default" : namespace,
      uid,
      annotations: {
        ...objectOf(metadata["annotations"]),
        "kubernetes.io/config.hash": uid,
        "kubernetes.io/config.source": "http",
        "kubernetes.io/config.seen": new Date(context.nowMs).toISOString().replace("Z", "000000Z"),
      },
    },
    spec: { ...objectOf(content["spec"]), nodeName: context.nodeName },
  };
  const reasons = judgeStructure({ apiVersion: "v1", kind: "Pod", ...pod });
  if (reasons.length > 0) throw new Error(`invalid pod: [${reasons.join(", ")}]`);
  // Judged just now: what `Pod` names has the type that it says.
  return pod as unknown as Pod;
}

/**
 * Drops what the kubelet drops when it merges its sources: the later of two
 * pods of one name. Of two with one UID the last one survives.
 *
 * @param dropped hears of each pod that was left out
 */
export function mergePods(
  pods: readonly Pod[],
  dropped: (pod: Pod) => void,
): ReadonlyMap<string, Pod> {
  const names = new Set<string>();
  const byUid = new Map<string, Pod>();
  for (const pod of pods) {
    const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
    if (names.has(name)) {
      dropped(pod);
      continue;
    }
    names.add(name);
    byUid.set(pod.metadata.uid, pod);
  }
  return byUid;
}

/** True when two versions of a pod of one UID differ in anything but when they were seen. */
export function differs(left: Pod, right: Pod): boolean {
  const text = (pod: Pod) => {
    const { "kubernetes.io/config.seen": _, ...annotations } = pod.metadata.annotations;
    const plain = { ...pod, metadata: { ...pod.metadata, annotations } };
    return canonicalJson(plain as unknown as JsonValue);
  };
  return text(left) !== text(right);
}

/** A decoded pod as JSON: its maps become objects, its large numbers and quantities text. */
function plain(value: unknown): JsonValue {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.map(plain);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, member]) => [String(key), plain(member)]));
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
