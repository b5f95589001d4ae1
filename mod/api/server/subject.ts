/** What a request that acts is about, for the record of who did what. */
import * as v from "valibot";
import { readBody } from "./inputs.ts";

/** The length of a subject, in UTF-16 units; the rest is cut off. */
const MAX_LENGTH = 200;

const Named = v.object({ namespace: v.string(), name: v.string() });

const Operation = v.object({
  pod: v.optional(Named),
  object: v.optional(v.object({ kind: v.string(), ...Named.entries })),
  pods: v.optional(v.array(Named), []),
  objects: v.optional(v.array(v.object({ kind: v.string(), ...Named.entries })), []),
  file: v.optional(v.string()),
});

const Subject = v.object({
  ...v.partial(Named).entries,
  containerId: v.optional(v.string(), ""),
  image: v.optional(v.string(), ""),
  command: v.optional(v.array(v.string()), []),
  dryRun: v.optional(v.boolean(), false),
  trigger: v.optional(v.string(), ""),
  operations: v.optional(v.array(Operation), []),
});

/**
 * What a request is about, in one line: `set image default/web`; never a password or a
 * file's content. Empty if nothing is known of it, undefined for a dry run.
 */
export function subjectOf(body: string): string | undefined {
  const sent = v.safeParse(Subject, readBody(body));
  if (!sent.success) return "";
  const { containerId, image, command, namespace, name, trigger, operations } = sent.output;
  if (sent.output.dryRun) return undefined;
  const words = [
    trigger,
    ...(name === undefined ? [] : [keyText({ namespace, name })]),
    [...new Set(operations.flatMap(namesOf))].join(", "),
    containerId.slice(0, 12),
    image,
    ...command,
  ];
  const text = words.filter((word) => word !== "").join(" ");
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

function namesOf(
  { pod, object, pods, objects, file }: v.InferOutput<typeof Operation>,
): readonly string[] {
  const others = [...(object === undefined ? [] : [object]), ...objects];
  return [
    ...[...(pod === undefined ? [] : [pod]), ...pods].map(keyText),
    ...others.map((one) => `${one.kind} ${keyText(one)}`),
    ...(file === undefined ? [] : [file]),
  ];
}

function keyText(
  { namespace, name }: { readonly namespace?: string | undefined; readonly name: string },
): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
