/** The slope of the line that fits best through points of an hour and a value. */
export function slopePerHour(points: readonly (readonly [hours: number, value: number])[]): number {
  const count = points.length;
  if (count < 2) return 0;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const under = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return under === 0 ? 0 : over / under;
}

/** The lowest point of each window of so many hours: what is left after garbage was collected. */
export function lowest<Point extends readonly [hours: number, value: number]>(
  points: readonly Point[],
  windowHours: number,
): readonly Point[] {
  const windows = Map.groupBy(points, ([hours]) => Math.floor(hours / windowHours));
  return [...windows.values()].map((window) =>
    window.reduce((best, point) => point[1] < best[1] ? point : best)
  );
}
