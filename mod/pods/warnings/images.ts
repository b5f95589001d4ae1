/** Images that cannot be pulled, or that need the registry at every start. */
import { findPlaceholder } from "../../core/mod.ts";
import { isLatest, parseImageReference } from "../image_reference.ts";
import { FieldPath } from "../issue.ts";
import type { Pod } from "../types/mod.ts";
import { allContainers } from "../validation/containers/visit_containers.ts";
import type { WarningRule } from "./rule.ts";

const SPEC = FieldPath.root("spec");

/** An image of a pod and where it stands. */
interface PlacedImage {
  readonly image: string;
  readonly pullPolicy: string;
  readonly path: FieldPath;
}

/** The images of the containers and of the image volumes. */
function imagesOf({ spec }: Pod): readonly PlacedImage[] {
  return [
    ...allContainers(spec, SPEC).map(({ container, path }) => ({
      image: container.image,
      pullPolicy: container.imagePullPolicy,
      path: path.child("image"),
    })),
    ...spec.volumes.flatMap(({ image }, at) =>
      image === undefined ? [] : [{
        image: image.reference,
        pullPolicy: image.pullPolicy,
        path: SPEC.child("volumes").index(at).child("image").child("reference"),
      }]
    ),
  ];
}

/** Rules on the names of images. */
export const IMAGE_RULES: readonly WarningRule[] = [
  {
    name: "image-invalid",
    type: "Will not work",
    fields: ["spec.containers.image", "spec.initContainers.image", "spec.volumes.image.reference"],
    about: "The name is not that of an image in any registry, so the container stays " +
      "`InvalidImageName`.",
    hint: "Write it as REGISTRY/PATH:TAG, such as docker.io/library/nginx:1.27",
    find({ pod }, report) {
      for (const { image, path } of imagesOf(pod)) {
        // A template's expression is named as what it is, by a rule of its own.
        if (image.trim() === "" || findPlaceholder(image) !== undefined) continue;
        const reference = parseImageReference(image);
        if (!("error" in reference)) continue;
        const detail = `"${image}" names no image: it ${reference.error}`;
        report(path, detail, reference.hint);
      }
    },
  },
  {
    name: "image-latest",
    type: "Discouraged",
    fields: ["spec.containers.image", "spec.initContainers.image"],
    about: "The tag `latest`, which is also that of an image without a tag, is pulled at every " +
      "start: without the registry the pod does not start. One line for a whole run.",
    hint: "Name a version, or set imagePullPolicy: IfNotPresent",
    find({ pod }, report) {
      const [first, ...others] = imagesOf(pod).filter(({ image, pullPolicy }) =>
        pullPolicy === "" && isLatest(image)
      );
      if (first === undefined) return;
      const images = [first, ...others].map(({ image }) => image);
      report(first.path, latestDetail(images), undefined, images);
    },
  },
];

/** How many images are named in one line. */
const MAX_NAMED = 5;

/** The one line on the images of a pod, or of many pods. */
export function latestDetail(images: readonly string[]): string {
  const names = [...new Set(images)];
  const named = names.slice(0, MAX_NAMED).map((name) => `"${name}"`).join(", ");
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : "";
  const verb = names.length === 1
    ? "means the tag latest, which is"
    : "mean the tag latest, which is";
  return `${named}${more} ${verb} pulled at every start: ` +
    "without the registry the pod does not start";
}
