/** What a pod declares besides what is served of it. */
import { stringify } from "yaml";
import { unifiedDiff } from "../change/mod.ts";
import { isJsonObject, type JsonObject, type JsonValue, PodsteadError } from "../core/mod.ts";
import type { SeenNode } from "./node.ts";
import type { Declared } from "./pages/pod.tsx";

/** Both as YAML with their keys in the order of the served one, so that only values differ. */
export async function declaredAgainstServed(
  node: SeenNode,
  namespace: string,
  name: string,
): Promise<Declared> {
  const answer = await node.tryAsk(`declared ${namespace}/${name}`, async (agent) => {
    const [{ pods }, { items }] = await Promise.all([
      agent.revision({}),
      agent.resources({ type: "StaticPod" }),
    ]);
    const declared = pods.find((pod) => pod.namespace === namespace && pod.name === name)?.pod;
    const served = items.find(({ spec }) => isPod(spec, namespace, name))?.spec;
    if (served === undefined) throw new PodsteadError("not-found", "It is not served");
    return { declared: declared ?? {}, served: withoutSecrets(served, declared ?? {}) };
  });
  if ("failure" in answer) return answer;
  const { declared, served } = answer.value;
  const text = (value: JsonValue) => stringify(value, { sortMapEntries: true, lineWidth: 0 });
  return {
    lines: unifiedDiff(
      { name: "declared", text: text(declared) },
      { name: "served", text: text(served) },
    ),
    served: text(served),
  };
}

function isPod(spec: Record<string, unknown>, namespace: string, name: string): boolean {
  const metadata = spec["metadata"];
  if (typeof metadata !== "object" || metadata === null) return false;
  const { name: own, namespace: ownNamespace = "default" } = metadata as Record<string, unknown>;
  return own === name && ownNamespace === namespace;
}

const HIDDEN = "(from a ConfigMap or Secret)";

/**
 * A served pod without what its variables have from Secrets: it is served with their values.
 *
 * @param declared the same pod with its references; a variable that it does not name is from a whole
 * object, which may be a Secret
 */
export function withoutSecrets(served: JsonObject, declared: JsonValue): JsonObject {
  const spec = served["spec"];
  if (!isJsonObject(spec)) return served;
  const own = new Map(
    CONTAINERS.flatMap((field) => itemsOf(specOf(declared), field)).map((
      one,
    ) => [one["name"], one]),
  );
  const hidden = CONTAINERS.flatMap((field) =>
    spec[field] === undefined ? [] : [[
      field,
      itemsOf(spec, field).map((container) =>
        container["env"] === undefined ? container : {
          ...container,
          env: itemsOf(container, "env").map((variable) =>
            variable["value"] === undefined ||
              isOwn(variable, own.get(container["name"]), itemsOf(container, "env"))
              ? variable
              : { ...variable, value: HIDDEN }
          ),
        }
      ),
    ]]
  );
  return { ...served, spec: { ...spec, ...Object.fromEntries(hidden) } };
}

const CONTAINERS = ["initContainers", "containers"] as const;

/**
 * Whether a container declares the variable with this value, or with a reference to no Secret. One
 * that is served twice has its first value from a whole object.
 */
function isOwn(
  variable: JsonObject,
  container: JsonObject | undefined,
  env: readonly JsonObject[],
): boolean {
  const isSame = ({ name }: JsonObject) => name === variable["name"];
  const named = itemsOf(container ?? {}, "env").filter(isSame);
  if (named.some(({ value }) => value === variable["value"])) return true;
  return named.length > 0 && env.filter(isSame).length === 1 &&
    named.every(({ valueFrom }) =>
      isJsonObject(valueFrom) && valueFrom["secretKeyRef"] === undefined
    );
}

function specOf(pod: JsonValue): JsonObject {
  const spec = isJsonObject(pod) ? pod["spec"] : undefined;
  return isJsonObject(spec) ? spec : {};
}

function itemsOf(object: JsonObject, field: string): readonly JsonObject[] {
  const items = object[field];
  return Array.isArray(items) ? items.filter(isJsonObject) : [];
}
