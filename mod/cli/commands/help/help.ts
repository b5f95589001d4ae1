import { nearest, UsageError } from "../../../core/mod.ts";
import type { BaseFlags } from "@stricli/core";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { HELP_TOPICS } from "./help_topics.ts";

export const helpCommand = defineCommand<BaseFlags, [string?]>({
  docs: {
    brief: "Explain a topic: config, static-pods, troubleshooting",
    fullDescription: [
      "Topics:",
      ...HELP_TOPICS.map(({ name, brief }) => `  ${name.padEnd(16)} ${brief}`),
      "",
      'The help of a command is "podstead COMMAND --help".',
    ].join("\n"),
  },
  parameters: {
    flags: {},
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        brief: "Topic",
        placeholder: "TOPIC",
        optional: true,
        proposeCompletions: (partial: string) =>
          HELP_TOPICS.map(({ name }) => name).filter((name) => name.startsWith(partial)),
      }],
    },
  },
  examples: [["podstead help troubleshooting", "what to look at when a pod is not there"]],
  async func(this: CliContext, _flags, name) {
    const { stdout } = this.world;
    if (name === undefined) {
      for (const topic of HELP_TOPICS) {
        stdout.write(`podstead help ${topic.name.padEnd(16)} ${topic.brief}\n`);
      }
      stdout.write(
        'podstead COMMAND --help          the help of a command; "podstead --help" lists them\n',
      );
      return;
    }
    const topic = HELP_TOPICS.find((known) => known.name === name.toLowerCase());
    if (topic === undefined) {
      const meant = nearest(name, HELP_TOPICS.map((known) => known.name));
      throw new UsageError(`There is no help topic "${name}"`, {
        hint: meant === undefined
          ? `Topics: ${HELP_TOPICS.map((known) => known.name).join(", ")}; for a command: ` +
            `podstead ${name} --help`
          : `Did you mean "podstead help ${meant}"?`,
      });
    }
    stdout.write(await topic.text());
  },
});
