import type { Container, Image } from "./gen/runtime.ts";
import { normalizeImageName } from "../registry/mod.ts";

/** The images of a node by their ID and by every name and digest. */
export type ImageIndex = ReadonlyMap<string, Image>;

/** Makes images findable by ID, tag and digest. */
export function indexImages(images: readonly Image[]): ImageIndex {
  const index = new Map<string, Image>();
  for (const image of images) {
    index.set(image.id, image);
    for (const name of [...image.repoTags, ...image.repoDigests]) index.set(name, image);
  }
  return index;
}

/**
 * The name of a container's image for people: the tag it was started with if
 * the image still has it, else the image's first tag, else its digest. What
 * the runtime has is often only the ID; it stays where the image is gone.
 */
export function imageName(container: Container, images: ImageIndex): string {
  const given = container.image?.image ?? "";
  const wished = container.image?.userSpecifiedImage || given;
  const image = images.get(container.imageId) ?? images.get(container.imageRef) ??
    images.get(given) ?? images.get(normalizeImageName(given));
  if (image === undefined) return wished || container.imageRef;
  const full = normalizeImageName(wished);
  return image.repoTags.includes(full) ? full : image.repoTags[0] ?? image.repoDigests[0] ?? wished;
}
