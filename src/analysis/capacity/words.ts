const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A number of bytes as a person says it: `512 bytes`, `16 MiB`, `1.5 GiB`. */
export function formatBytes(bytes: number | bigint): string {
  const size = Math.abs(Number(bytes));
  const power = Math.max(
    0,
    Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, size)) / 10)),
  );
  return `${Number((size / 1024 ** power).toFixed(1))} ${UNITS[power] ?? 'bytes'}`;
}
