const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Writes a number of bytes for people: `512 B`, `1.5 KiB`, `10 MiB`. */
export function formatBytes(sizeBytes: number): string {
  let value = sizeBytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toFixed(1))} ${UNITS[unit]}`;
}
