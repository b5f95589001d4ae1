import { formatBytes } from "../../../core/mod.ts";
import type { NodeImages } from "../../../api/contract/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { withNode } from "../../shell/node.ts";
import type { Column } from "../../../text/mod.ts";
import { isDataOutput, type Output, parseOutput } from "../../output/mod.ts";
import { kubernetesFlag } from "../../shell/shared_flags.ts";

type Image = NodeImages["images"][number];

interface ImagesFlags {
  readonly kubernetes: boolean;
  readonly output: Output;
}

/** One name of an image. */
interface Row {
  readonly node: string;
  readonly name: string;
  readonly image: Image;
}

export const imagesCommand = defineCommand<ImagesFlags, [string?]>({
  docs: {
    brief: "Show the images that this node has",
    fullDescription: "One line for each name; an image without a tag is shown by its digest.",
  },
  parameters: {
    flags: {
      kubernetes: kubernetesFlag,
      output: {
        kind: "parsed",
        parse: (text: string) => parseOutput(text),
        default: "table",
        brief: "table, wide, json, yaml or jsonpath=TEMPLATE",
        placeholder: "FORMAT",
      },
    },
    aliases: { k: "kubernetes", o: "output" },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: String,
          brief: "Only images with this in a name or an ID",
          placeholder: "TEXT",
          optional: true,
        },
      ],
    },
  },
  nodes: { policy: "many" },
  examples: [
    ["podstead images", "every image with its size"],
    ["podstead images nginx -o wide", "those of nginx, with their digests"],
  ],
  async func(this: CliContext, flags, text = "") {
    const answer = await withNode(this, (node) => node.images());
    const images = answer.images.filter((image) =>
      [...image.tags, ...image.digests, image.id].some((name) => name.includes(text))
    );
    if (isDataOutput(flags.output)) {
      const items = images.map((image) => ({ node: answer.node, ...image }));
      await this.print.data(flags.output, { apiVersion: "podstead.dev/v1", items });
      return;
    }
    const rows = images.flatMap((image) =>
      namesOf(image).map((name): Row => ({ node: answer.node, name, image }))
    );
    this.print.table(COLUMNS, rows, { wide: flags.output.kind === "wide" });
  },
});

const COLUMNS: readonly Column<Row>[] = [
  { header: "NODE", cell: ({ node }) => node },
  { header: "IMAGE", cell: ({ name }) => name },
  { header: "ID", cell: ({ image }) => image.id.replace(/^sha256:/, "").slice(0, 12) },
  { header: "SIZE", cell: ({ image }) => formatBytes(image.sizeBytes) },
  { header: "PINNED", cell: ({ image }) => image.isPinned ? "true" : "", wide: true },
  {
    header: "DIGEST",
    cell: ({ image }) => image.digests[0]?.replace(/^.*@/, "") ?? "",
    wide: true,
  },
];

function namesOf(image: Image): readonly string[] {
  if (image.tags.length > 0) return image.tags;
  return image.digests.length > 0 ? image.digests.slice(0, 1) : ["<none>"];
}
