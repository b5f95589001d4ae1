const SUFFIX_BYTES: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** How much of its limit a component may fill before Go collects harder; Talos's value. */
const SHARE_OF_LIMIT = 0.95;

/**
 * `GOMEMLIMIT` in bytes for a memory limit (`1Gi`, `1.5G`, `1e9`), or
 * undefined if that is not a plain quantity of bytes.
 */
export function goMemoryLimit(limit: string): string | undefined {
  const match = /^\+?(\d+\.?\d*|\.\d+)(?:([kMGTPE]i?|Ki)|[eE](\d+))?$/.exec(limit);
  if (match === null) return undefined;
  const unit = match[3] === undefined ? SUFFIX_BYTES[match[2] ?? ""] : 10 ** Number(match[3]);
  if (unit === undefined) return undefined;
  const bytes = Math.floor(Number(match[1]) * unit * SHARE_OF_LIMIT);
  return bytes > 0 && Number.isSafeInteger(bytes) ? String(bytes) : undefined;
}
