/** The images that a take-over needs: on the node before anything of the folder is moved. */
import type { AgentClient } from "../../../api/client/mod.ts";
import { errorText, type JsonObject, PodsteadError } from "../../../core/mod.ts";
import { type NeededImage, neededImages } from "../../../pods/mod.ts";
import type { CliContext } from "../../shell/context.ts";

/** A pod, with what it is called in messages. */
interface NamedPod {
  /** `namespace/name` */
  readonly key: string;
  readonly pod: JsonObject;
}

/**
 * Pulls what is not on the node: a control plane that has ended must not wait for a registry.
 *
 * @throws {PodsteadError} if an image cannot be pulled; nothing was moved then
 */
export async function fetchImages(
  { world: { interrupted } }: CliContext,
  agent: AgentClient,
  pods: readonly NamedPod[],
  say: (line: string) => void,
): Promise<void> {
  const there = await imageNames(agent);
  for (const { key, pod } of pods) {
    for (const image of neededImages(pod)) {
      const isThere = await isOnNode(image, there);
      if (isThere && image.policy !== "Always") continue;
      try {
        if (image.policy === "Never") throw new Error("it is not on the node, and is never pulled");
        say(`pulling ${image.name}`);
        const request = { image: image.name };
        for await (const _ of agent.pull(request, { signal: interrupted }));
        there.add(image.name);
      } catch (error) {
        throw new PodsteadError(
          "failed",
          `Cannot take over: no image "${image.name}" for ${key}: ${errorText(error)}`,
          {
            cause: error,
            hint: "Nothing was moved. Correct the image in the config, or bring it to the node",
          },
        );
      }
    }
  }
}

/** Every name that the runtime has for an image, in full. */
async function imageNames(agent: AgentClient): Promise<Set<string>> {
  const { images } = await agent.images({});
  return new Set(images.flatMap(({ tags, digests }) => [...tags, ...digests]));
}

async function isOnNode({ name }: NeededImage, there: ReadonlySet<string>): Promise<boolean> {
  const { normalizeImageName, repositoryOf } = await import("../../../registry/mod.ts");
  const digest = /@.+$/.exec(name)?.[0];
  // The runtime names an image by tag or by digest, never by both.
  const full = digest === undefined ? normalizeImageName(name) : `${repositoryOf(name)}${digest}`;
  return there.has(name) || there.has(full);
}
