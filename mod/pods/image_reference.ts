/**
 * The name of an image, by the grammar that kubelet, containerd and CRI-O share.
 *
 * Sources: github.com/distribution/reference `ParseNormalizedNamed`, as kubernetes
 * pkg/util/parsers `ParseImageName` calls it; github.com/opencontainers/go-digest `Parse`.
 */

/** An image's name in its parts; the registry is filled in if it is left out. */
export interface ImageReference {
  readonly domain: string;
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Why a text names no image, and what to do. */
export interface ImageReferenceError {
  readonly error: string;
  readonly hint: string;
}

const DOMAIN_PART = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN = `(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const PATH_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const PATH = new RegExp(`^${PATH_PART}(?:/${PATH_PART})*$`);
const DOMAIN_ALONE = new RegExp(`^${DOMAIN}$`);
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
/** Hexadecimal digits of the digests that exist. */
const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

const DEFAULT_DOMAIN = "docker.io";
/** The longest path of a repository. */
const MAX_PATH_LENGTH = 255;

/** Reads the name of an image as the kubelet does before it pulls it. */
export function parseImageReference(image: string): ImageReference | ImageReferenceError {
  if (/^[a-f0-9]{64}$/.test(image)) {
    return wrong("is an image ID, and the kubelet takes names only", "Write the image's name");
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(image)?.[0];
  if (scheme !== undefined) {
    return wrong(
      `begins with "${scheme}", which belongs to an address, not to the name of an image`,
      `Leave out "${scheme}"`,
    );
  }
  if (/\s/.test(image)) return wrong("has a blank", "Remove the blank");
  const { domain, remote } = splitDomain(image);
  const at = remote.indexOf("@");
  const named = at === -1 ? remote : remote.slice(0, at);
  const digest = at === -1 ? undefined : remote.slice(at + 1);
  const colon = named.indexOf(":");
  const path = colon === -1 ? named : named.slice(0, colon);
  const tag = colon === -1 ? undefined : named.slice(colon + 1);
  return pathError(path, domain, image) ?? tagError(tag) ?? digestError(digest) ??
    { domain, path, tag, digest };
}

/** The registry and the rest; a first part is a registry only where it looks like one. */
function splitDomain(image: string): { readonly domain: string; readonly remote: string } {
  const slash = image.indexOf("/");
  const first = slash === -1 ? "" : image.slice(0, slash);
  const isDomain = first === "localhost" || /[.:]/.test(first) || first !== first.toLowerCase();
  const domain = !isDomain || first === "index.docker.io" ? DEFAULT_DOMAIN : first;
  const remote = isDomain ? image.slice(slash + 1) : image;
  const isOfficial = domain === DEFAULT_DOMAIN && !remote.includes("/");
  return { domain, remote: isOfficial ? `library/${remote}` : remote };
}

function pathError(path: string, domain: string, image: string): ImageReferenceError | undefined {
  const own = path.replace(/^library\//, "");
  // A first part such as "a_b.c" is no registry, but still the beginning of a valid path.
  if (!DOMAIN_ALONE.test(domain) && !PATH.test(`${domain}/${path}`)) {
    return wrong(
      `begins with "${domain}", which is no name of a registry`,
      "A registry is a host name or an address, with a port if need be: registry.example:5000",
    );
  }
  if (own === "" || image.startsWith("/") || path.endsWith("/") || path.includes("//")) {
    return wrong(
      "has an empty part",
      "Write it as REGISTRY/PATH:TAG, such as docker.io/nginx:1.27",
    );
  }
  if (path !== path.toLowerCase()) {
    return wrong(`has capital letters in "${own}"`, `Write "${own.toLowerCase()}"`);
  }
  if (!PATH.test(path)) {
    return wrong(
      `has the invalid name "${own}"`,
      "A name has lower-case letters and digits, with single . _ or - between them",
    );
  }
  return path.length > MAX_PATH_LENGTH
    ? wrong(`is longer than ${MAX_PATH_LENGTH} letters`, "Use a shorter name")
    : undefined;
}

function tagError(tag: string | undefined): ImageReferenceError | undefined {
  if (tag === undefined || TAG.test(tag)) return undefined;
  if (tag === "") return wrong("ends with a colon and no tag", "Add the tag, such as :1.27");
  return tag.includes(":") ? wrong("has two tags", "Keep one of them") : wrong(
    `has the invalid tag "${tag}"`,
    "A tag has letters, digits, _ . and -, at most 128, and begins with none of the last two",
  );
}

function digestError(digest: string | undefined): ImageReferenceError | undefined {
  if (digest === undefined) return undefined;
  const [algorithm = "", hex = ""] = digest.split(":", 2);
  const length = DIGEST_LENGTHS[algorithm];
  const known = length !== undefined && hex.length === length && /^[0-9a-f]+$/.test(hex);
  if (known && DIGEST.test(digest)) return undefined;
  return wrong(
    length === undefined
      ? `has a digest of an unknown kind "${algorithm}"`
      : `has a digest of ${hex.length} digits, a ${algorithm} has ${length} lower-case ones`,
    "Copy the whole digest, as the registry shows it: @sha256: and 64 digits",
  );
}

function wrong(error: string, hint: string): ImageReferenceError {
  return { error, hint };
}

/**
 * True for a name with the tag `latest`, or with neither tag nor digest. False
 * for an invalid name.
 */
export function isLatest(image: string): boolean {
  const reference = parseImageReference(image);
  if ("error" in reference) return false;
  return reference.tag === "latest" ||
    (reference.tag === undefined && reference.digest === undefined);
}
