/** `podstead set image`: another image for containers of pods. */
import { buildRouteMap } from "@stricli/core";
import { UsageError } from "../../../core/mod.ts";
import type { ChangeOperation } from "../../../api/contract/mod.ts";
import { actingAgentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { podReference } from "../../shell/parsers.ts";
import { CHANGE_ALIASES, CHANGE_FLAGS, type ChangeFlags } from "./change_flags.ts";
import { makeChange } from "./make_change.ts";
import { declaredPod } from "./pod_reference.ts";

const setImageCommand = defineCommand<ChangeFlags, string[]>({
  docs: {
    brief: "Set the image of containers",
    fullDescription:
      "Changes the image in the file that declares the pod; the container may be left out where the pod has one.",
  },
  needsArguments: true,
  parameters: {
    flags: CHANGE_FLAGS,
    aliases: CHANGE_ALIASES,
    positional: {
      kind: "array",
      parameter: {
        parse: String,
        brief: "POD[:CONTAINER]=IMAGE",
        placeholder: "POD[:CONTAINER]=IMAGE",
      },
      minimum: 1,
    },
  },
  nodes: { policy: "many", changes: true },
  traits: { takesPods: true },
  examples: [
    ["podstead set image nginx=nginx:1.27.3", "the only container of the pod"],
    ["podstead set image web:app=app:2 --mode=try", "goes back if it does not stay ready"],
  ],
  async func(this: CliContext, flags, ...wanted) {
    const agent = await actingAgentOf(this);
    const operations: ChangeOperation[] = [];
    for (const text of wanted) {
      const { pod, container, image } = parse(text);
      const { namespace, name } = await declaredPod(agent, podReference.call(this, pod));
      operations.push({
        kind: "set-image",
        pod: { namespace, name },
        ...(container === undefined ? {} : { container }),
        image,
      });
    }
    await makeChange(this, agent, { operations, trigger: "set image" }, flags);
  },
});

export const setCommands = buildRouteMap({
  routes: { image: setImageCommand },
  docs: { brief: "Set something of a pod: image" },
});

/** @throws {UsageError} */
function parse(text: string): {
  readonly pod: string;
  readonly container: string | undefined;
  readonly image: string;
} {
  const [, pod, container, image] = /^([^:=]+)(?::([^:=]+))?=(\S+)$/.exec(text) ?? [];
  if (pod === undefined || image === undefined) {
    throw new UsageError(`Wanted POD[:CONTAINER]=IMAGE, current value is "${text}"`, {
      hint: "For example: podstead set image web:app=registry.example/app:2",
    });
  }
  return { pod, container, image };
}
