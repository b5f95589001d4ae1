/** The objects that people have (Deployments, Services, claims, …) as pods of one node; pure. */
export { type Conversion, convert, type ConvertedObject, type ConvertedPod } from "./convert.ts";
export type { ConvertOptions } from "./convert.ts";
export { Findings, type Manifest, type NotKept } from "./manifest.ts";
export { otherDirectory } from "./other_formats.ts";
export { parsePublication, type Publication } from "./publish.ts";
export { type ReadManifests, readManifests } from "./read_manifests.ts";
