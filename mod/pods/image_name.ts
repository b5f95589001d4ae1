/**
 * Whether an image name means the tag `latest`, by the grammar of the registry.
 *
 * Source: github.com/distribution/reference, as kubernetes pkg/util/parsers uses it.
 */

const DOMAIN_PART = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN = `(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const PATH_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const REFERENCE = new RegExp(
  `^((?:${DOMAIN}/)?${PATH_PART}(?:/${PATH_PART})*)(?::([\\w][\\w.-]{0,127}))?` +
    "(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$",
);

/** The longest repository name that a registry takes. */
const MAX_NAME_LENGTH = 255;
const HUB = "docker.io/library/";

/**
 * True for a name with the tag `latest`, or with neither tag nor digest. False
 * for a name that is none.
 */
export function isLatest(image: string): boolean {
  // 64 hexadecimal digits are an image ID, not a name.
  if (/^[a-f0-9]{64}$/.test(image)) return false;
  const match = REFERENCE.exec(image);
  if (match === null) return false;
  const [, name = "", tag, digest] = match;
  const first = name.split("/")[0]!;
  const hasDomain = name.includes("/") && (/[.:]/.test(first) || first === "localhost" ||
    first !== first.toLowerCase());
  const fullLength = hasDomain ? name.length : name.length + HUB.length;
  if (fullLength > MAX_NAME_LENGTH) return false;
  return tag === "latest" || (tag === undefined && digest === undefined);
}
