/** Text to JSON values with positions, by the rules of the kubelet's decoder. */
export { decodeText, tooLarge } from "./decode_text.ts";
export type { DecodedText } from "./decode_text.ts";
export { DEFAULT_LIMITS } from "./limits.ts";
export type { YamlLimits } from "./limits.ts";
export { holdsSecret, isQuotable } from "./of_secret.ts";
export { parseYaml, scanSimpleYaml, scanYaml } from "./parse_yaml.ts";
export type { YamlOptions } from "./parse_yaml.ts";
export { ReadItems } from "./read_items.ts";
export { documentsOf } from "./scanned.ts";
export type { ScannedDocument, ScannedYaml } from "./scanned.ts";
export { decodeScan, encodeScan } from "./transfer.ts";
export type { ParsedYaml, YamlDocument } from "./types.ts";
