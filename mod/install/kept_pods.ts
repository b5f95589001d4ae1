/** Pods that continue without podstead, as files in the kubelet's `staticPodPath`, and come back. */
import { join } from "node:path";
import * as v from "valibot";
import type { KubeletFound } from "../kubelet/mod.ts";
import type { NodeFiles } from "../os/mod.ts";
import { LAYOUT } from "./layout.ts";

/** A pod that continues as a file in the kubelet's `staticPodPath`. */
export interface KeepPodStep {
  readonly kind: "keep-pod";
  readonly path: string;
  readonly text: string;
}

/**
 * The files that keep pods on a node: one pod a file, in the kubelet's
 * `staticPodPath`. They restart once, for another source gives them another UID.
 *
 * @param list the list that the endpoint serves, as it serves it
 * @throws when it is no list of pods
 */
export function keepPodSteps(list: string, staticPodPath: string): readonly KeepPodStep[] {
  const { items } = v.parse(POD_LIST, JSON.parse(list));
  return items.map((pod) => ({
    kind: "keep-pod",
    path: join(
      staticPodPath,
      `podstead-${pod.metadata.namespace ?? "default"}-${pod.metadata.name}.json`,
    ),
    text: `${JSON.stringify({ apiVersion: "v1", kind: "Pod", ...pod }, null, 2)}\n`,
  }));
}

const POD_LIST = v.object({
  kind: v.literal("PodList"),
  items: v.array(
    v.looseObject({
      metadata: v.looseObject({ name: v.string(), namespace: v.optional(v.string()) }),
    }),
  ),
});

/** A pod that an uninstallation left to the kubelet. */
export interface KeptPod {
  /** Its file in the `staticPodPath`. */
  readonly path: string;
  /** `namespace/name` */
  readonly key: string;
  /** The drop-in that declares it to podstead, if nothing else does. */
  readonly dropIn: string;
  /** The pod as it was declared: without what podstead adds to what it serves. */
  readonly text: string;
}

const KEPT_POD = v.looseObject({
  kind: v.literal("Pod"),
  metadata: v.looseObject({
    name: v.string(),
    namespace: v.optional(v.string()),
    annotations: v.looseObject({ "podstead.dev/spec-hash": v.string() }),
  }),
});

/** The pods that `keepPodSteps` left; a file of that name with anything else in it is not one. */
export async function findKeptPods(
  files: NodeFiles,
  kubelet: KubeletFound,
): Promise<readonly KeptPod[]> {
  const directory = kubelet.kind === "unit" ? kubelet.facts.settings.staticPodPath : undefined;
  if (directory === undefined) return [];
  const names = (await files.names(directory)).filter((name) => /^podstead-.+\.json$/.test(name));
  const found = await Promise.all(names.map(async (file): Promise<readonly KeptPod[]> => {
    const path = join(directory, file);
    const parsed = v.safeParse(KEPT_POD, readJson(await files.text(path)));
    if (!parsed.success) return [];
    const { metadata: { uid: _, annotations, ...metadata }, ...pod } = parsed.output;
    const { "podstead.dev/spec-hash": _hash, ...others } = annotations;
    const declared = {
      ...pod,
      metadata: {
        ...metadata,
        ...(Object.keys(others).length === 0 ? {} : { annotations: others }),
      },
    };
    const { namespace = "default", name } = metadata;
    return [{
      path,
      key: `${namespace}/${name}`,
      dropIn: `${LAYOUT.podsDirectory}/${namespace}-${name}.json`,
      text: `${JSON.stringify(declared, null, 2)}\n`,
    }];
  }));
  return found.flat();
}

function readJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined; // the caller takes it for another file
  }
}
