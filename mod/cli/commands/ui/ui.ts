import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { portOf } from "../../shell/parsers.ts";

interface UiFlags {
  readonly port: number;
  readonly readOnly: boolean;
}

export const uiCommand = defineCommand<UiFlags, []>({
  docs: {
    brief: "Look at nodes in a browser of this machine",
    fullDescription: [
      "Serves pages on a port of 127.0.0.1 and prints their URL, with a token that signs one browser",
      "in, once. They show what `podstead`, `describe`, `logs -f` and `history` show, and stay true",
      "while they are open; who may change a node finds its changes there too, each behind a diff and",
      "a question. Nodes that -N names are reached over ssh. The pages end with the command (Ctrl-C).",
      "On a server, look from your own machine: `podstead ui -N SERVER`.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      port: {
        kind: "parsed",
        parse: portOf("--port"),
        default: "0",
        brief: "Port on 127.0.0.1; 0 for any that is free",
        placeholder: "PORT",
      },
      readOnly: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Show no button that changes something",
      },
    },
  },
  nodes: { policy: "own" },
  examples: [
    ["podstead ui", "this node"],
    ["podstead ui -N @web", "the nodes with that label or in that group, from your own machine"],
  ],
  async func(this: CliContext, flags) {
    const { runUi } = await import("./run_ui.ts");
    await runUi(this, flags);
  },
});
