/**
 * Several files as one download: a zip without compression, which texts of a few kilobytes do not
 * need.
 *
 * Source: PKWARE APPNOTE 6.3.10, 4.3 (local headers, central directory, its end); names are UTF-8.
 */
export interface ZipEntry {
  name: string;
  bytes: Uint8Array;
}

const table = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

export function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const each of bytes) value = table[(value ^ each) & 0xff]! ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** Numbers as little-endian fields of 2 or 4 bytes. */
function fields(...list: [value: number, size: 2 | 4][]): Uint8Array {
  const bytes = new Uint8Array(list.reduce((sum, [, size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [value, size] of list) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return bytes;
}

/** Of two files with one name the second becomes "name (2).txt". */
export function uniqueNames(names: string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const dot = name.lastIndexOf(".");
    const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
    let unique = name;
    for (let count = 2; taken.has(unique); count += 1) unique = `${stem} (${count})${ending}`;
    taken.add(unique);
    return unique;
  });
}

export function zip(entries: ZipEntry[], now = new Date()): Uint8Array[] {
  const time = (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1);
  const day = ((now.getFullYear() - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate();
  const names = uniqueNames(entries.map((each) => each.name));
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [index, { bytes }] of entries.entries()) {
    const name = new TextEncoder().encode(names[index]);
    // Version 2.0, names in UTF-8, stored; then time, sum, sizes and the length of the name.
    const common = fields([20, 2], [0x0800, 2], [0, 2], [time, 2], [day, 2], [crc32(bytes), 4],
      [bytes.length, 4], [bytes.length, 4], [name.length, 2], [0, 2]);
    const local = [fields([0x04034b50, 4]), common, name, bytes];
    directory.push(fields([0x02014b50, 4], [20, 2]), common,
      fields([0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]), name);
    parts.push(...local);
    offset += local.reduce((sum, each) => sum + each.length, 0);
  }
  const directorySize = directory.reduce((sum, each) => sum + each.length, 0);
  return [...parts, ...directory, fields([0x06054b50, 4], [0, 2], [0, 2], [entries.length, 2],
    [entries.length, 2], [directorySize, 4], [offset, 4], [0, 2])];
}
