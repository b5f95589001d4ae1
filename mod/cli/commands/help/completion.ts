import type { BaseFlags } from "@stricli/core";
import { UsageError } from "../../../core/mod.ts";
import { completionScript, type Shell, SHELLS } from "./completion_scripts.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";

export const completionCommand = defineCommand<BaseFlags, [Shell | "words", ...string[]]>({
  docs: {
    brief: "Print the completion script for bash, zsh or fish",
    fullDescription: [
      "The script completes commands, options, and the IDs of this node's pods and containers.",
      'The Debian package and "podstead install" put the scripts into place; by hand:',
      "",
      "  bash   source <(podstead completion bash)",
      "  zsh    podstead completion zsh > ~/.zfunc/_podstead   (a directory of $fpath)",
      "  fish   podstead completion fish > ~/.config/fish/completions/podstead.fish",
    ].join("\n"),
  },
  parameters: {
    flags: {},
    positional: {
      kind: "array",
      parameter: {
        parse: String,
        brief: "bash, zsh or fish",
        placeholder: "SHELL",
        proposeCompletions: () => SHELLS,
      },
      minimum: 1,
    },
  },
  examples: [["source <(podstead completion bash)", "complete in this shell from now on"]],
  async func(this: CliContext, _flags, what, ...words) {
    if (what === "words") {
      const { completeWords } = await import("./completion_words.ts");
      for (const [word, brief] of await completeWords(words, this)) {
        this.world.stdout.write(`${word}\t${brief.replace(/\s+/g, " ")}\n`);
      }
      return;
    }
    const shell = SHELLS.find((known) => known === what);
    if (shell === undefined || words.length > 0) {
      throw new UsageError(`There is no completion for "${[what, ...words].join(" ")}"`, {
        hint: `Shells: ${SHELLS.join(", ")}`,
      });
    }
    this.world.stdout.write(completionScript(shell));
  },
});
