/** What pods take from ConfigMaps and Secrets: as literals, and as files on the node. */
export { writeDirectory, type WriteOptions, type WriteStep } from "./atomic_directory.ts";
export type { ObjectSource, ResolveOptions } from "./context.ts";
export {
  currentVolumes,
  judgeResolved,
  judgeResolvedSteps,
  objectSource,
  type ServablePod,
} from "./judge_resolved.ts";
export { hasPullSecrets, podCredentials, podImages } from "./pull_secrets.ts";
export { type Resolution, resolvePod, SECRET_ENV_ANNOTATION, servedHash } from "./resolve.ts";
export { RESTART_ON_ANNOTATION } from "./restart_on.ts";
export {
  openPod,
  sealedInEntries,
  sealedInObjects,
  sealedInPod,
  type WithSealed,
} from "./sealed.ts";
export type { Unseal } from "./unseal.ts";
export type { VolumeFile, VolumeFiles } from "./volume_files.ts";
export { type PodVolumes, VolumeStore, type VolumeStoreOptions } from "./volume_store.ts";
