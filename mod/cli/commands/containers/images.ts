import { formatBytes } from "../../../core/mod.ts";
import type { NodeImages } from "../../../api/contract/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { isChosen, type ListFlags, type PodFlags, writeListing } from "../../shell/listing.ts";
import { withNode } from "../../shell/node.ts";
import type { Column } from "../../../text/mod.ts";
import {
  kubernetesFlag,
  LIST_ALIASES,
  LIST_FLAGS,
  POD_ALIASES,
  POD_FLAGS,
} from "../../shell/shared_flags.ts";

type Image = NodeImages["images"][number];

interface ImagesFlags extends ListFlags, PodFlags {
  readonly kubernetes: boolean;
}

/** One name of an image. */
interface Row {
  readonly node: string;
  readonly name: string;
  readonly image: Image;
}

export const imagesCommand = defineCommand<ImagesFlags, string[]>({
  docs: {
    brief: "Show the images that this node has",
    fullDescription: [
      "One line for each name; an image without a tag is shown by its digest. With -n or -l: the",
      "images that containers of those pods use.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      kubernetes: kubernetesFlag,
      ...LIST_FLAGS,
      ...POD_FLAGS,
    },
    aliases: { ...LIST_ALIASES, ...POD_ALIASES, k: "kubernetes" },
    positional: {
      kind: "array",
      parameter: {
        parse: String,
        brief: "Only images with this in a name or an ID",
        placeholder: "TEXT",
      },
    },
  },
  nodes: { policy: "many" },
  examples: [
    ["podstead images", "every image with its size"],
    ["podstead images nginx -o wide", "those of nginx, with their digests"],
  ],
  async func(this: CliContext, flags, ...texts) {
    const { namespace, label } = flags;
    const sift = (namespace !== undefined && !flags.allNamespaces) || label !== undefined;
    const { node, images, pods } = await withNode(this, async (reader) => ({
      ...await reader.images(),
      pods: sift ? (await reader.pods({ labels: true })).pods : [],
    }));
    const used = new Set(
      pods.filter((pod) => isChosen(flags, pod))
        .flatMap(({ containers }) => containers.map(({ imageId }) => imageId)),
    );
    const items = images.filter((image) => isNamed(image, texts) && (!sift || used.has(image.id)));
    await writeListing(this, flags, {
      kind: "ImageList",
      items,
      document: (image) => ({ node, ...image }),
      names: (image) => namesOf(image).map((name) => `image/${name}`),
      ids: ({ id }) => [id],
      columns: COLUMNS.map(({ header, cell, sortValue }): Column<Image> => ({
        header,
        cell: (image) => cell({ node, name: namesOf(image)[0] ?? "", image }),
        ...(sortValue === undefined
          ? {}
          : { sortValue: (image) => sortValue({ node, name: "", image }) }),
      })),
      table: (shown, print, look) => {
        const rows = shown.flatMap((image) =>
          namesOf(image).map((name): Row => ({ node, name, image }))
        );
        print.table(COLUMNS, rows, look);
      },
    });
  },
});

const COLUMNS: readonly Column<Row>[] = [
  { header: "NODE", cell: ({ node }) => node },
  { header: "IMAGE", cell: ({ name }) => name, cut: "start", yields: true },
  { header: "ID", cell: ({ image }) => image.id.replace(/^sha256:/, "").slice(0, 12) },
  {
    header: "SIZE",
    cell: ({ image }) => formatBytes(image.sizeBytes),
    sortValue: ({ image }) => image.sizeBytes,
  },
  { header: "PINNED", cell: ({ image }) => image.isPinned ? "true" : "", wide: true },
  {
    header: "DIGEST",
    cell: ({ image }) => image.digests[0]?.replace(/^.*@/, "") ?? "",
    wide: true,
  },
];

function isNamed({ tags, digests, id }: Image, texts: readonly string[]): boolean {
  return texts.length === 0 ||
    [...tags, ...digests, id].some((name) => texts.some((text) => name.includes(text)));
}

function namesOf(image: Image): readonly string[] {
  if (image.tags.length > 0) return image.tags;
  return image.digests.length > 0 ? image.digests.slice(0, 1) : ["<none>"];
}
