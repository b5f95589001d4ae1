/**
 * The runtime's lists, however long: containerd sends at most 16 MiB in one
 * answer. Beyond it the streaming lists (containerd 2.4 and newer) are read,
 * and if there are none, the list is asked for in parts.
 */
import { inParallel } from "./parallel.ts";
import {
  type Container,
  type Image,
  ImageService,
  type PodSandbox,
  PodSandboxState,
  RuntimeService,
} from "./gen/runtime.ts";
import { isTooLarge, isUnimplemented } from "./errors.ts";
import type { CallOptions, Runtime, StreamMethod } from "./runtime.ts";
import type { Init } from "../grpc/mod.ts";

const { listPodSandbox, listContainers, streamPodSandboxes, streamContainers } =
  RuntimeService.method;
const { listImages, streamImages } = ImageService.method;

/** All sandboxes, in the runtime's order. @throws {PodsteadError} as `Runtime.call`. */
export async function allSandboxes(
  runtime: Runtime,
  options?: CallOptions,
): Promise<readonly PodSandbox[]> {
  const part = async (state?: PodSandboxState) =>
    (await runtime.call(
      listPodSandbox,
      state === undefined ? {} : { filter: { state: { state } } },
      options,
    )).items;
  return await orElse(
    () => part(),
    () => collect(runtime, streamPodSandboxes, {}, (answer) => answer.podSandboxes, options),
    async () => [
      ...await part(PodSandboxState.SANDBOX_READY),
      ...await part(PodSandboxState.SANDBOX_NOTREADY),
    ],
  );
}

/** All containers, in the runtime's order. @throws {PodsteadError} as `Runtime.call`. */
export async function allContainers(
  runtime: Runtime,
  options?: CallOptions,
): Promise<readonly Container[]> {
  return await orElse(
    async () => (await runtime.call(listContainers, {}, options)).containers,
    () => collect(runtime, streamContainers, {}, (answer) => answer.containers, options),
    async () => {
      const sandboxes = await allSandboxes(runtime, options);
      const parts = await inParallel(sandboxes, async ({ id }) => {
        const answer = await runtime.call(
          listContainers,
          { filter: { podSandboxId: id } },
          options,
        );
        return answer.containers;
      });
      return parts.flat();
    },
  );
}

/** All images, in the runtime's order. @throws {PodsteadError} as `Runtime.call`. */
export async function allImages(
  runtime: Runtime,
  options?: CallOptions,
): Promise<readonly Image[]> {
  return await orElse(
    async () => (await runtime.call(listImages, {}, options)).images,
    () => collect(runtime, streamImages, {}, (answer) => answer.images, options),
  );
}

async function orElse<T>(
  whole: () => Promise<T>,
  streamed: () => Promise<T>,
  inParts?: () => Promise<T>,
): Promise<T> {
  try {
    return await whole();
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    try {
      return await streamed();
    } catch (streamError) {
      if (!isUnimplemented(streamError)) throw streamError;
      if (inParts === undefined) throw error;
      return await inParts();
    }
  }
}

async function collect<I, O, T>(
  runtime: Runtime,
  method: StreamMethod<I, O>,
  request: Init<I>,
  itemsOf: (answer: O) => readonly T[],
  options?: CallOptions,
): Promise<T[]> {
  const items: T[] = [];
  for await (const answer of runtime.stream(method, request, options)) {
    for (const item of itemsOf(answer)) items.push(item);
  }
  return items;
}
