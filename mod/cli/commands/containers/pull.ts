import { formatBytes, PodsteadError } from "../../../core/mod.ts";
import type { PullProgress, PullRequest } from "../../../api/contract/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import type { NodeReader } from "../../../node/mod.ts";
import { withActingNode } from "../../shell/node.ts";
import { documentOf, formatJsonLine } from "../../output/mod.ts";
import { progressLine } from "../../shell/progress.ts";
import { kubernetesFlag } from "../../shell/shared_flags.ts";

interface PullFlags {
  readonly kubernetes: boolean;
  readonly credentials?: string;
  readonly output: "text" | "json";
}

export const pullCommand = defineCommand<PullFlags, [string]>({
  docs: {
    brief: "Download an image to this node",
    fullDescription: [
      "Has the container runtime pull an image for Kubernetes' pods, and prints what the runtime",
      "calls it. An image that is there already is looked for in its registry again.",
      "",
      "The login comes from --credentials. Without it these are tried, in this order: the",
      "imagePullSecrets of the node's pods, agent.pull.credentialsFile, and the kubelet's own file,",
      "/var/lib/kubelet/config.json.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      kubernetes: kubernetesFlag,
      credentials: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "Registry credentials, as docker login or a .dockerconfigjson has them",
        placeholder: "FILE",
      },
      output: {
        kind: "enum",
        values: ["text", "json"],
        default: "text",
        brief: "text, or every step of it as NDJSON",
      },
    },
    aliases: { k: "kubernetes", o: "output" },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, brief: "Image, written as in a pod", placeholder: "IMAGE" },
      ],
    },
  },
  nodes: { policy: "many", changes: true },
  examples: [
    ["podstead pull nginx:1.27", "an image of Docker Hub"],
    [
      "podstead pull registry.example.org/app:1 --credentials ~/.docker/config.json",
      "one that wants a login",
    ],
  ],
  async func(this: CliContext, flags, image) {
    const { credentials, output } = flags;
    const auth = credentials === undefined ? undefined : await authOf(this, image, credentials);
    const request: PullRequest = {
      image,
      ...(auth === undefined ? {} : { auth }),
      ...(auth === undefined || credentials === undefined ? {} : { authFile: credentials }),
    };
    const { stdout, interrupted } = this.world;
    await withActingNode(this, async (node) => {
      const progress = progressLine(this.world, 0);
      const before = output === "json" ? await idsOf(node) : new Set<string>();
      try {
        for await (const step of node.pull(request, interrupted)) {
          if (output === "json") {
            const { kind, ...told } = step;
            const end = step.kind === "done" ? { changed: !before.has(step.image) } : {};
            stdout.write(formatJsonLine(documentOf("PullStep", { step: kind, ...told, ...end })));
          } else if (step.kind === "progress") {
            progress.show(`Pulling ${image}: ${progressText(step.progress)}`);
          } else {
            progress.clear();
            stdout.write(`${step.image}\n`);
          }
        }
      } finally {
        progress.clear();
      }
    });
  },
});

/** The IDs of the images that the node has. */
async function idsOf(node: Pick<NodeReader, "images">): Promise<ReadonlySet<string>> {
  const { images } = await node.images();
  return new Set(images.map(({ id }) => id));
}

async function authOf(
  context: CliContext,
  image: string,
  file: string,
): Promise<PullRequest["auth"]> {
  const { readFile } = await import("node:fs/promises");
  const { loginsIn } = await import("../../../registry/mod.ts");
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // node:fs throws nothing else
    throw new PodsteadError(
      code === "EACCES" ? "permission" : "config",
      `Cannot read the registry credentials "${file}": ${
        code === "ENOENT" ? "there is no such file" : code
      }`,
      { cause: error, hint: "`docker login` and `podman login` write such a file" },
    );
  }
  const auth = loginsIn(text, image, JSON.stringify(file))[0]?.auth;
  if (auth === undefined) {
    context.world.stderr.write(
      `warning: "${file}" has no credentials for the registry of "${image}"; pulling without\n`,
    );
  }
  return auth;
}

function progressText({ parts, receivedBytes, totalBytes }: PullProgress): string {
  return parts === 0
    ? "unpacking or asking the registry"
    : `${formatBytes(receivedBytes)} of ${formatBytes(totalBytes)} in ${parts} ${
      parts === 1 ? "part" : "parts"
    }`;
}
