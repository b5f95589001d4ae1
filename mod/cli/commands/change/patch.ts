import { readFile } from "node:fs/promises";
import { errorText, UsageError } from "../../../core/mod.ts";
import type { JsonValue } from "../../../core/mod.ts";
import { parseYaml } from "../../../yaml/mod.ts";
import { actingAgentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { podReference } from "../../shell/parsers.ts";
import { CHANGE_ALIASES, CHANGE_FLAGS, type ChangeFlags } from "./change_flags.ts";
import { makeChange } from "./make_change.ts";
import { declaredPod } from "./pod_reference.ts";

interface PatchFlags extends ChangeFlags {
  readonly patch: string;
  readonly type?: "strategic" | "json";
}

export const patchCommand = defineCommand<PatchFlags, [string]>({
  docs: {
    brief: "Change fields of a pod in the file that declares it",
    fullDescription: [
      "A strategic merge patch, as kubectl makes it: members are merged, null takes one out, and",
      "lists such as containers are merged by name. A list is a JSON patch (RFC 6902).",
      "The file keeps its comments and its order.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...CHANGE_FLAGS,
      patch: {
        kind: "parsed",
        parse: String,
        brief: "The patch in JSON or YAML, or @FILE",
        placeholder: "PATCH",
      },
      type: {
        kind: "enum",
        values: ["strategic", "json"],
        optional: true,
        brief: "strategic or json (a list is a JSON patch)",
      },
    },
    aliases: { ...CHANGE_ALIASES, p: "patch" },
    positional: {
      kind: "tuple",
      parameters: [{ parse: podReference, brief: "POD", placeholder: "POD" }],
    },
  },
  nodes: { policy: "many", changes: true },
  traits: { takesPods: true },
  examples: [
    [`podstead patch web -p '{"metadata":{"labels":{"tier":"front"}}}'`, "adds a label"],
    ["podstead patch web -p @patch.yaml --mode=try", "goes back if the pod does not stay ready"],
  ],
  async func(this: CliContext, flags, reference) {
    const patch = await readPatch(flags.patch);
    const type = flags.type ?? (Array.isArray(patch) ? "json" : "strategic");
    const agent = await actingAgentOf(this);
    const { namespace, name } = await declaredPod(agent, reference);
    const operations = [
      { kind: "patch", pod: { namespace, name }, type, patch },
    ] as const;
    await makeChange(this, agent, { operations, trigger: "patch" }, flags);
  },
});

/** @throws {UsageError} if it cannot be read, or is no single JSON or YAML value */
async function readPatch(given: string): Promise<JsonValue> {
  const file = given.startsWith("@") ? given.slice(1) : undefined;
  const text = file === undefined ? given : await readFile(file, "utf8").catch((error) => {
    throw new UsageError(`Cannot read the patch "${file}": ${errorText(error)}`, { cause: error });
  });
  const { documents, problems } = parseYaml(text, file ?? "patch");
  const [document, second] = documents;
  if (problems.length === 0 && document !== undefined && second === undefined) {
    return document.value;
  }
  throw new UsageError(
    `The patch cannot be used: ${problems[0]?.message ?? "it must be one JSON or YAML value"}`,
    { hint: `For example '{"spec":{"containers":[{"name":"web","image":"nginx:1.27"}]}}'` },
  );
}
