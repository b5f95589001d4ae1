/**
 * Which images an entry of registry credentials is for.
 *
 * Source: kubernetes 1.36 pkg/credentialprovider/keyring.go, `BasicDockerKeyring.Add`,
 * `URLsMatch` and `isDefaultRegistryMatch`.
 */

/** Docker Hub's names in such files; the first is the one in the names of its images. */
const DOCKER_HUB = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/**
 * The pattern of an entry: without its scheme, and without `/v1/` or `/v2/` before the path.
 *
 * @param key such as `https://index.docker.io/v1/`, `registry.example:5000/team`, `*.example.com`
 */
export function patternOf(key: string): string {
  const bare = key.trim().replace(/^https?:\/\//, "").replace(/^([^/]*)\/v[12](?=\/|$)/, "$1")
    .replace(/\/+$/, "");
  const host = bare.split("/", 1)[0] ?? "";
  return DOCKER_HUB.includes(host) ? `docker.io${bare.slice(host.length)}` : bare;
}

/**
 * Whether a pattern fits an image: its host part by part, with `*`, `?` and `[…]` inside a part;
 * its port as it is; its path as the beginning of the image's path.
 *
 * @param repository as `repositoryOf` gives it
 */
export function matchesImage(pattern: string, repository: string): boolean {
  const [wanted, given] = [splitPattern(pattern), splitPattern(repository)];
  return wanted.port === given.port && given.path.startsWith(wanted.path) &&
    wanted.parts.length === given.parts.length &&
    wanted.parts.every((part, at) => globOf(part)?.test(given.parts[at] ?? "") ?? false);
}

/** A pattern that no name of a host fits in any part of it. */
export function isPattern(text: string): boolean {
  return /^[^\s/:@]+(:\d{1,5})?(\/[^\s:@]*)?$/.test(text) &&
    splitPattern(text).parts.every((part) => part !== "" && globOf(part) !== undefined);
}

function splitPattern(text: string) {
  const slash = text.indexOf("/");
  const [host, path] = slash === -1 ? [text, ""] : [text.slice(0, slash), text.slice(slash)];
  const [, name = host, port = ""] = /^(.*):(\d+)$/.exec(host) ?? [];
  return { parts: name.split("."), port, path };
}

/** Go's `filepath.Match` without separators; undefined for a malformed one, which fits nothing. */
function globOf(glob: string): RegExp | undefined {
  let source = "";
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at] ?? "";
    if (character === "*") source += ".*";
    else if (character === "?") source += ".";
    else if (character === "[") {
      const end = glob.indexOf("]", at + 2);
      if (end === -1) return undefined;
      const members = glob.slice(at + 1, end).replaceAll(/[\\[\]]/g, "\\$&");
      if (members === "^") return undefined;
      source += `[${members}]`;
      at = end;
    } else {
      const literal = character === "\\" ? glob[++at] ?? "" : character;
      source += literal.replaceAll(/[^\w-]/g, "\\$&");
    }
  }
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return undefined; // a range the wrong way round
  }
}
