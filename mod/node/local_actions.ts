import {
  execSync,
  inspectContainer,
  inspectSandbox,
  listImages,
  listOtherContainers,
  listPods,
  openExec,
  resolveContainer,
  type Runtime,
  stopContainer,
  stopGraceMs,
} from "../cri/mod.ts";
import { PodsteadError } from "../core/mod.ts";
import type { FoundContainer } from "../api/contract/mod.ts";
import { findLogins, type LoginSources } from "../registry/mod.ts";
import type { NodeActions } from "./actions.ts";
import type { NodeReader } from "./reader.ts";
import { pullSteps } from "./pull_steps.ts";
import { nodeUsage } from "./usage.ts";

/**
 * The actions on the node whose container runtime this is.
 *
 * @param sources of logins, asked for each pull that brings none
 */
export function localActions(
  runtime: Runtime,
  node: () => { readonly name: string; readonly address: string },
  sources: () => LoginSources | Promise<LoginSources>,
): NodeActions & Omit<NodeReader, "pods" | "logs"> {
  return {
    async find({ reference, container }, signal): Promise<FoundContainer> {
      const pods = await listPods(runtime, { processes: false, signal });
      const found = resolveContainer(pods, reference, { nodeName: node().name, container });
      return { node: node().address, ...found };
    },
    async otherContainers(signal) {
      const containers = await listOtherContainers(runtime, { signal });
      return { node: node().address, containers };
    },
    async images(signal) {
      return { node: node().address, images: await listImages(runtime, { signal }) };
    },
    usage: (request, signal) => nodeUsage(request, { runtime, node, signal }),
    inspect: (id, kind, signal) =>
      kind === "container"
        ? inspectContainer(runtime, id, { signal })
        : inspectSandbox(runtime, id, { signal }),
    async stop({ containerId, graceMs }, signal) {
      const grace = graceMs ?? await ownGraceMs(runtime, containerId, signal);
      await stopContainer(runtime, containerId, { graceMs: grace, signal });
    },
    async *pull({ image, auth, authFile }, signal) {
      const logins = auth === undefined
        ? await findLogins(image, await sources())
        : [{ auth, pattern: "", from: JSON.stringify(authFile ?? "the request") }];
      yield* pullSteps(runtime, image, { logins, signal });
    },
    exec: (request, signal) => execSync(runtime, { ...request, signal }),
    openExec: (request, signal) => openExec(runtime, { ...request, signal }),
  };
}

async function ownGraceMs(
  runtime: Runtime,
  containerId: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const pods = await listPods(runtime, { processes: false, signal });
  const container = pods.flatMap((pod) => pod.containers).find(({ id }) => id === containerId);
  if (container !== undefined) return stopGraceMs(container.annotations);
  throw new PodsteadError("not-found", `There is no container "${containerId}" any more`, {
    hint: 'See "podstead containers -k"',
  });
}
