import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { standardStreams } from "../../shell/world.ts";

export const readFilesCommand = defineCommand({
  docs: {
    brief: "Read files for the agent, which starts this and ends it when a file hangs",
    fullDescription: [
      "Takes requests from standard input and answers them in order, in a protocol of podstead's",
      "own. Large files and those on network mounts are read by it, so that the agent answers the",
      "kubelet meanwhile. It ends with its input.",
    ].join("\n"),
  },
  parameters: { flags: {} },
  examples: [["podstead read-files", "what the agent runs"]],
  async func(this: CliContext) {
    const [{ serveRequests }, { serveSources }] = await Promise.all([
      import("../../../os/mod.ts"),
      import("../../../config/mod.ts"),
    ]);
    await serveRequests(serveSources, {
      input: standardStreams().input,
      write: (bytes) => this.world.stdout.write(bytes),
    });
  },
});
