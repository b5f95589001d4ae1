/** What explains the state of one pod: its images, its host paths, the end of a log. */
import { stat } from "node:fs/promises";
import process from "node:process";
import { isJsonObject, type JsonObject, type JsonValue } from "../core/mod.ts";
import { findImage, type Runtime } from "../cri/mod.ts";
import type { PodStatusRow } from "../status/mod.ts";
import type { Evidence } from "./evidence.ts";
import { lastEnd } from "./facts.ts";
import { isHiddenFromService } from "./hidden_paths.ts";
import { type LogTail, tailOf } from "./log_tail.ts";
import type { EvidenceSources, NodeEvidence } from "./node_evidence.ts";
import { ASK_TIMEOUT_MS, quietly } from "./quietly.ts";

/** What is known of one pod. */
export interface PodEvidence {
  /** By image as declared: whether the node has it. */
  readonly images: ReadonlyMap<string, boolean>;
  readonly badHostPaths: readonly { readonly path: string; readonly type: string }[];
  readonly logTail: LogTail | undefined;
}

/** Looks at the images, host paths and logs of one pod. */
export async function gatherPodEvidence(
  row: PodStatusRow,
  sources: Pick<EvidenceSources, "runtime" | "logsDirectory">,
  nowMs: number,
): Promise<PodEvidence> {
  const signal = AbortSignal.timeout(ASK_TIMEOUT_MS);
  const spec = specOf(row);
  const ended = lastEnd(row, nowMs)?.name;
  const [images, badHostPaths, logTail] = await Promise.all([
    presentImages(spec, sources.runtime, signal),
    findBadHostPaths(spec),
    row.ready === "True" && ended === undefined ? undefined : tailOf(row, ended, sources, signal),
  ]);
  return { images, badHostPaths, logTail };
}

/** Everything about one pod, as `explain` takes it. */
export function evidenceFor(
  row: PodStatusRow,
  node: NodeEvidence,
  pod: PodEvidence,
  names: readonly string[],
): Evidence {
  return {
    ...node,
    row,
    kubeletLog: node.kubeletLog?.filter((line) => names.some((name) => line.includes(name))),
    absentImages: [...pod.images].filter(([, present]) => !present).map(([image]) => image),
    badHostPaths: pod.badHostPaths,
    logTail: pod.logTail?.lines,
  };
}

async function presentImages(
  spec: JsonObject,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, boolean>> {
  const names = new Set(
    [...listOf(spec["initContainers"]), ...listOf(spec["containers"])]
      .map((container) => isJsonObject(container) ? container["image"] : undefined)
      .filter((image) => typeof image === "string"),
  );
  const found = await Promise.all([...names].map(async (name) => {
    const image = await quietly(findImage(runtime, name, { signal }).then((found) => ({ found })));
    return image === undefined ? undefined : [name, image.found !== undefined] as const;
  }));
  return new Map(found.filter((entry) => entry !== undefined));
}

/** Source: kubernetes pkg/volume/hostpath: these types are checked before the pod starts. */
const HOST_PATH_CHECKS: Readonly<
  Record<string, (file: Awaited<ReturnType<typeof stat>>) => boolean>
> = {
  Directory: (file) => file.isDirectory(),
  DirectoryOrCreate: (file) => file.isDirectory(),
  File: (file) => file.isFile(),
  FileOrCreate: (file) => file.isFile(),
  Socket: (file) => file.isSocket(),
  CharDevice: (file) => file.isCharacterDevice(),
  BlockDevice: (file) => file.isBlockDevice(),
};

async function findBadHostPaths(spec: JsonObject): Promise<PodEvidence["badHostPaths"]> {
  const bad: { path: string; type: string }[] = [];
  for (const volume of listOf(spec["volumes"])) {
    const hostPath = isJsonObject(volume) ? volume["hostPath"] : undefined;
    if (!isJsonObject(hostPath)) continue;
    const { path, type } = hostPath;
    if (typeof path !== "string" || typeof type !== "string") continue;
    const check = HOST_PATH_CHECKS[type];
    // What cannot be seen from here is left to the kubelet's log.
    if (check === undefined || isHiddenFromService(path, process)) continue;
    try {
      if (!check(await stat(path))) bad.push({ path, type });
    } catch (error) {
      const gone = (error as NodeJS.ErrnoException).code === "ENOENT"; // node:fs throws nothing else
      if (gone && !type.endsWith("OrCreate")) bad.push({ path, type });
    }
  }
  return bad;
}

function specOf({ joined: { desired } }: PodStatusRow): JsonObject {
  const spec = desired?.pod["spec"];
  return isJsonObject(spec) ? spec : {};
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
