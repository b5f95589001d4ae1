import { type Image, ImageService } from "./gen/runtime.ts";
import { allImages } from "./list.ts";
import { normalizeImageName } from "../registry/mod.ts";
import type { CallOptions, Runtime } from "./runtime.ts";

/** An image that the node has. */
export interface ImageView {
  /** `sha256:` and the digest of its configuration. */
  readonly id: string;
  /** Full names with tag, sorted; empty for an image that lost them all. */
  readonly tags: readonly string[];
  /** Full names with digest, sorted. */
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** True for one that the runtime keeps whatever happens, such as the sandbox's. */
  readonly isPinned: boolean;
}

/** All images, sorted by their first name. @throws {PodsteadError} as `Runtime.call`. */
export async function listImages(runtime: Runtime, options?: CallOptions): Promise<ImageView[]> {
  return (await allImages(runtime, options)).map(imageView).sort((left, right) =>
    (left.tags[0] ?? left.digests[0] ?? left.id) < (right.tags[0] ?? right.digests[0] ?? right.id)
      ? -1
      : 1
  );
}

/**
 * The image of this name on the node, or undefined if it is not there.
 *
 * @param name as in a pod: `nginx`, `nginx:1.25`, `registry/path@sha256:…`.
 * @throws {PodsteadError} as `Runtime.call`.
 */
export async function findImage(
  runtime: Runtime,
  name: string,
  options?: CallOptions,
): Promise<ImageView | undefined> {
  const { image } = await runtime.call(ImageService.method.imageStatus, {
    image: { image: normalizeImageName(name) },
  }, options);
  return image === undefined ? undefined : imageView(image);
}

/** How full the file system of the images is. */
export interface ImageStorage {
  readonly mountpoint: string;
  readonly usedBytes: number;
}

/** Where the images are, and how much they take. @throws {PodsteadError} as `Runtime.call`. */
export async function imageStorage(
  runtime: Runtime,
  options?: CallOptions,
): Promise<readonly ImageStorage[]> {
  const answer = await runtime.call(ImageService.method.imageFsInfo, {}, options);
  return answer.imageFilesystems.map(({ fsId, usedBytes }) => ({
    mountpoint: fsId?.mountpoint ?? "",
    usedBytes: Number(usedBytes?.value ?? 0n),
  }));
}

function imageView(image: Image): ImageView {
  return {
    id: image.id,
    tags: image.repoTags.toSorted(),
    digests: image.repoDigests.toSorted(),
    sizeBytes: Number(image.size),
    isPinned: image.pinned,
  };
}
