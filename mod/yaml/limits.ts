/** What a file may cost. Every limit has a default in {@linkcode DEFAULT_LIMITS}. */
export interface YamlLimits {
  /** Size of the text in bytes. */
  readonly maxBytes: number;
  /** How deep lists and mappings may be nested. */
  readonly maxDepth: number;
  /** What the text may grow to when its aliases (`*name`) are written out, in characters. */
  readonly maxExpandedChars: number;
  /** The same as a multiple of the text. */
  readonly maxGrowth: number;
}

/**
 * The default limits.
 *
 * - `maxBytes`: the kubelet takes at most 10 MiB of pods from its manifest URL
 *   (pkg/kubelet/config/http.go), so no larger file can be of use, and parsing
 *   one would take memory that a node needs for its pods.
 * - `maxDepth`: the deepest field of a Pod is 12 levels down; 100 leaves room for
 *   what else a config may hold and keeps every recursion far from the stack's end.
 * - `maxExpandedChars`: the kubelet's 10 MiB again; an honest file with aliases
 *   stays below it, a "billion laughs" file does not.
 * - `maxGrowth`: aliases spare a person some repetition; a file of one kilobyte that
 *   becomes megabytes is no work of a person.
 */
export const DEFAULT_LIMITS: YamlLimits = {
  maxBytes: 10 * 1024 * 1024,
  maxDepth: 100,
  maxExpandedChars: 10 * 1024 * 1024,
  maxGrowth: 10,
};
