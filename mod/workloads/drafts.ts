/** From one workload to the pods that it stands for. */
import {
  canonicalJson,
  getOwn,
  isJsonObject,
  type JsonObject,
  nearest,
  type Path,
  valueAt,
} from "../core/mod.ts";
import { onCalendar } from "./calendar.ts";
import { claimOf } from "./claims.ts";
import { WORKLOAD_FIELDS } from "./kinds.ts";
import {
  type Findings,
  integerAt,
  listAt,
  type Manifest,
  nameOf,
  objectAt,
  textAt,
} from "./manifest.ts";
import { keptAnnotations, type PodDraft, podOfTemplate } from "./pod_template.ts";
import { hostPorts } from "./publish.ts";

/** The pods of one object, and the claims that it brings itself. */
export interface Drafts {
  readonly drafts: readonly PodDraft[];
  readonly claims: readonly Manifest[];
}

const NONE: Drafts = { drafts: [], claims: [] };

/** A kubelet runs up to 110 pods, unless its `maxPods` says otherwise. */
const MAX_PODS = 110;

const TEMPLATE: Path = ["spec", "template"];

/**
 * Makes the pods of a workload, or of a Pod.
 *
 * @param replicas whether it becomes as many numbered pods as it asks for
 */
export function draftPods(manifest: Manifest, replicas: boolean, findings: Findings): Drafts {
  const { kind, value } = manifest;
  if (kind === "Pod") return { drafts: [podOfTemplate(manifest, [], findings)], claims: [] };
  if (kind === "CronJob") return tellSchedule(manifest, findings);
  const isWhole = checkSpec(manifest, findings);
  if (!isJsonObject(getOwn(objectAt(value, ["spec"]), "template"))) {
    if (isWhole) {
      findings.report(manifest, ["spec"], {
        code: "missing-template",
        message: `The ${kind} has no template of its pods`,
        wanted: "spec.template with metadata and spec of a pod",
      }, "key");
    }
    return NONE;
  }
  const shared = collisionOf(objectAt(value, [...TEMPLATE, "spec"]));
  const count = countOf(manifest, { replicas, shared }, findings);
  if (count === 0) return NONE;
  const draft = withDeadline(podOfTemplate(manifest, TEMPLATE, findings), value);
  const annotations = Object.keys(keptAnnotations(objectAt(value, ["metadata", "annotations"])));
  if (annotations.length > 0) {
    findings.leaveOut(
      manifest,
      ["metadata", "annotations"],
      `they are of the ${kind}, not of its pods: ${annotations.join(", ")}`,
      "Write them under spec.template.metadata if a pod should have them",
    );
  }
  if (kind === "DaemonSet") findings.leaveOut(manifest, [], "its pod runs on this node alone");
  if (kind === "Job") {
    findings.leaveOut(manifest, [], "its pod runs once, and again after each boot of the node");
  }
  if (kind === "StatefulSet") return numbered(draft, count);
  if (count === 1) return { drafts: [draft], claims: [] };
  const drafts = Array.from({ length: count }, (_, at) => ({
    ...draft,
    name: `${draft.name}-${at}`,
  }));
  return { drafts, claims: [] };
}

/** How many pods it becomes; `shared` is why several of them cannot run on one node. */
function countOf(
  manifest: Manifest,
  { replicas, shared }: { readonly replicas: boolean; readonly shared: string | undefined },
  findings: Findings,
): number {
  const path = ["spec", "replicas"];
  if (!("replicas" in (WORKLOAD_FIELDS[manifest.kind] ?? {}))) return 1;
  const written = valueAt(manifest.value, path) ?? 1;
  const count = integerAt(manifest.value, path) ?? 1;
  if (written !== count) {
    findings.report(manifest, path, {
      code: "invalid-value",
      message: `${canonicalJson(written)} is no number of replicas`,
      wanted: "a whole number, without quotes",
    });
    return 0;
  }
  if (count <= 0) {
    findings.leaveOut(manifest, path, "it asks for no pod", "Write replicas: 1 to have one");
    return 0;
  }
  if (count === 1) return 1;
  if (!replicas) {
    findings.leaveOut(
      manifest,
      path,
      `it becomes one pod, not ${count}${shared === undefined ? "" : `: ${shared}`}`,
      shared === undefined
        ? `--replicas makes ${manifest.name}-0 to ${manifest.name}-${count - 1}`
        : undefined,
    );
    return 1;
  }
  if (shared !== undefined) {
    findings.report(manifest, path, {
      code: "replicas-collide",
      message: `${count} pods of ${nameOf(manifest)} cannot run on one node: ${shared}`,
      hint: "Leave out --replicas for one pod",
    });
    return 0;
  }
  if (count <= MAX_PODS) return count;
  findings.report(manifest, path, {
    code: "too-many-pods",
    message: `${count} pods do not fit on one node`,
    wanted: `at most ${MAX_PODS}`,
    hint: "Write fewer replicas, or leave out --replicas for one pod",
  });
  return 0;
}

/** The pods of a StatefulSet: each with its number, name and claims, as the controller makes them. */
function numbered(draft: PodDraft, count: number): Drafts {
  const { manifest } = draft;
  const templates = listAt(manifest.value, ["spec", "volumeClaimTemplates"]);
  const subdomain = textAt(manifest.value, ["spec", "serviceName"]);
  const claims: Manifest[] = [];
  const drafts = Array.from({ length: count }, (_, at): PodDraft => {
    const name = `${draft.name}-${at}`;
    const volumes = listAt(draft.spec, ["volumes"]);
    const own = templates.flatMap((template, index) => {
      const volume = textAt(template, ["metadata", "name"]);
      if (volume === undefined || !isJsonObject(template)) return [];
      const base: Path = ["spec", "volumeClaimTemplates", index];
      const claim = claimOf(volume, name);
      claims.push({
        ...manifest,
        kind: "PersistentVolumeClaim",
        name: claim,
        value: template,
        positionOf: (path, part) => manifest.positionOf([...base, ...path], part),
      });
      return [{
        volume: { name: volume, persistentVolumeClaim: { claimName: claim } },
        origin: base,
      }];
    });
    // A claim of the set hides a volume of the same name.
    const names = new Set(own.map(({ volume }) => volume.name));
    const kept = volumes.flatMap((volume, index) =>
      names.has(textAt(volume, ["name"]) ?? "")
        ? []
        : [{ volume, origin: draft.volumeOrigins[index] ?? [] }]
    );
    const all = [...kept, ...own];
    const labels = {
      ...objectAt(draft.metadata, ["labels"]),
      "apps.kubernetes.io/pod-index": String(at),
      "statefulset.kubernetes.io/pod-name": name,
    };
    return {
      ...draft,
      name,
      metadata: { ...draft.metadata, labels },
      spec: {
        ...draft.spec,
        hostname: name,
        ...(subdomain === undefined ? {} : { subdomain }),
        ...(all.length === 0 ? {} : { volumes: all.map(({ volume }) => volume) }),
      },
      volumeOrigins: all.map(({ origin }) => origin),
    };
  });
  return { drafts, claims };
}

/** What several pods of one node cannot share; undefined if there is no such thing. */
function collisionOf(spec: JsonObject): string | undefined {
  if (getOwn(spec, "hostNetwork") === true) {
    return "all would use the node's network, and the same ports of it";
  }
  const [port] = hostPorts(spec);
  if (port !== undefined) return `all would use the node's port ${port}`;
  const shared = sharedHostPath(spec);
  return shared === undefined ? undefined : `all would write to ${shared}`;
}

/** A directory of the node, or a claim, that some container of the pod may write to. */
function sharedHostPath(spec: JsonObject): string | undefined {
  const writable = new Set(
    ["containers", "initContainers"].flatMap((list) =>
      listAt(spec, [list]).flatMap((container) =>
        listAt(container, ["volumeMounts"]).flatMap((mount) =>
          isJsonObject(mount) && getOwn(mount, "readOnly") !== true
            ? [textAt(mount, ["name"]) ?? ""]
            : []
        )
      )
    ),
  );
  for (const volume of listAt(spec, ["volumes"])) {
    if (!writable.has(textAt(volume, ["name"]) ?? "")) continue;
    const path = textAt(volume, ["hostPath", "path"]);
    if (path !== undefined) return path;
    const claim = textAt(volume, ["persistentVolumeClaim", "claimName"]);
    if (claim !== undefined) return `the claim ${claim}`;
  }
  return undefined;
}

/** Tells of the fields of a workload that are left out, and of those that it does not have. */
function checkSpec(manifest: Manifest, findings: Findings): boolean {
  const uses = WORKLOAD_FIELDS[manifest.kind] ?? {};
  let isWhole = true;
  for (const field of Object.keys(objectAt(manifest.value, ["spec"]))) {
    const use = Object.hasOwn(uses, field) ? uses[field] : undefined;
    if (use === "taken") continue;
    if (use !== undefined) {
      findings.leaveOut(manifest, ["spec", field], use.why, use.hint);
      continue;
    }
    isWhole = false;
    const near = nearest(field, Object.keys(uses));
    findings.report(manifest, ["spec", field], {
      code: "unknown-key",
      message: `Unknown key "${field}" in the ${manifest.kind}`,
      ...(near === undefined ? {} : { hint: `Did you mean "${near}"?` }),
    }, "key");
  }
  return isWhole;
}

/** A Job's limit of time is its pod's. */
function withDeadline(draft: PodDraft, value: JsonObject): PodDraft {
  const seconds = integerAt(value, ["spec", "activeDeadlineSeconds"]);
  if (seconds === undefined || getOwn(draft.spec, "activeDeadlineSeconds") !== undefined) {
    return draft;
  }
  return { ...draft, spec: { ...draft.spec, activeDeadlineSeconds: seconds } };
}

function tellSchedule(manifest: Manifest, findings: Findings): Drafts {
  const schedule = textAt(manifest.value, ["spec", "schedule"]);
  const calendar = schedule === undefined
    ? undefined
    : onCalendar(schedule, textAt(manifest.value, ["spec", "timeZone"]));
  findings.leaveOut(
    manifest,
    ["spec", "schedule"],
    `nothing starts pods by a schedule${schedule === undefined ? "" : ` (${schedule})`}`,
    `Make a systemd timer${
      calendar === undefined ? "" : ` with OnCalendar=${calendar}`
    }; see "CronJobs" in docs/objects.md`,
  );
  return NONE;
}
