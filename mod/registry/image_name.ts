/**
 * The full form of an image name: `nginx` is `docker.io/library/nginx:latest`.
 *
 * Source: distribution/reference, `ParseNormalizedNamed` and `TagNameOnly`.
 */
export function normalizeImageName(name: string): string {
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  const hasRegistry = /[.:]/.test(first) || first === "localhost";
  const full = hasRegistry
    ? name
    : slash === -1
    ? `docker.io/library/${name}`
    : `docker.io/${name}`;
  const hasTag = full.includes("@") || full.slice(full.lastIndexOf("/")).includes(":");
  return hasTag ? full : `${full}:latest`;
}

/** An image without its tag and digest, with its registry: `registry.example:5000/team/app`. */
export function repositoryOf(name: string): string {
  const full = normalizeImageName(name).replace(/@.*$/, "");
  const colon = full.lastIndexOf(":");
  return colon > full.lastIndexOf("/") ? full.slice(0, colon) : full;
}

/** The registry of an image: `registry.example:5000`. */
export function registryOf(name: string): string {
  const full = normalizeImageName(name);
  return full.slice(0, full.indexOf("/"));
}
