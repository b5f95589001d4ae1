/** The FNV-1a offset and prime of 32 bits. */
const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * The kubelet's hash of a container, as it stands in the annotation
 * `io.kubernetes.container.hash`: of its name and image, nothing else. A running
 * container with another hash than its spec has is started again.
 *
 * Source: kubernetes pkg/kubelet/container/helpers.go, `HashContainer` and
 * `pickFieldsToHash`; the same from 1.31 to 1.36. It hashes what Go prints of
 * the bytes of a JSON object.
 */
export function containerHash(name: string, image: string): string {
  const bytes = new TextEncoder().encode(`{"image":${goJson(image)},"name":${goJson(name)}}`);
  let hash = OFFSET_BASIS;
  for (const character of `([]uint8)[${bytes.join(" ")}]`) {
    hash = Math.imul(hash ^ character.charCodeAt(0), PRIME) >>> 0;
  }
  return hash.toString(16);
}

/** A string as Go's encoder writes it: what could end a script in HTML is escaped. */
function goJson(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
