import { nearest, PodsteadError } from "../../../core/mod.ts";
import type { Resource } from "../../../api/contract/mod.ts";
import { isAboutPod, podOf } from "./pod_view.ts";
import type { ResourceView } from "./resource_types.ts";

/** What a person asks for by a name. */
export interface NamedResource {
  readonly view: ResourceView;
  readonly name: string;
  /** The node's name, which may stand behind that of a pod; asked for only if nothing else fits. */
  readonly nodeName: () => Promise<string>;
}

/**
 * The resource that a person means: by its ID, or a pod's by `nginx`, `default/nginx`,
 * `default-nginx`, with the node's name behind it or without.
 *
 * @throws {PodsteadError} `not-found` with the nearest name, or `ambiguous` with the candidates
 */
export async function findResource(
  items: readonly Resource[],
  { view, name, nodeName }: NamedResource,
): Promise<Resource> {
  const exact = items.find(({ id }) => id === name);
  if (exact !== undefined) return exact;
  let found = items.filter((item) => namesOf(item).includes(name));
  if (found.length === 0 && isAboutPod(view.type)) {
    const suffix = `-${await nodeName()}`;
    const short = name.endsWith(suffix) ? name.slice(0, -suffix.length) : undefined;
    found = items.filter((item) => short !== undefined && namesOf(item).includes(short));
  }
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  if (first === undefined) throw resourceNotFound(items, view, name);
  throw new PodsteadError(
    "ambiguous",
    `"${name}" may mean ${found.map(({ id }) => id).join(", ")}`,
    { hint: "Name it with its namespace, or give -n" },
  );
}

/** Each name that a resource goes by besides its ID. */
export function namesOf(resource: Resource): readonly string[] {
  const { id, type } = resource;
  const { namespace, name } = podOf(resource);
  const last = id.slice(id.indexOf("/") + 1);
  return isAboutPod(type) ? [name, `${namespace}/${name}`, `${namespace}-${name}`, last] : [last];
}

/** What is said of a name that fits nothing. */
export function resourceNotFound(
  items: readonly Resource[],
  view: ResourceView,
  name: string,
): PodsteadError {
  const near = nearest(name, items.flatMap((item) => [item.id, ...namesOf(item)]));
  return new PodsteadError("not-found", `There is no ${view.type} "${name}"`, {
    hint: near === undefined ? `See "podstead get ${view.names[0]}"` : `Did you mean "${near}"?`,
  });
}
