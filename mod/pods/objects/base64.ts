import { Buffer } from "node:buffer";

/**
 * The bytes of a text in base64, or undefined if it is not: padded, with line ends at any place.
 *
 * Source: Go encoding/base64, `StdEncoding`, which is what decodes a `[]byte` in JSON.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const bare = text.replaceAll(/[\r\n]/g, "");
  const fits = bare.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(bare);
  return fits ? Buffer.from(bare, "base64") : undefined;
}
