// The layout of a streamOptimized VMDK ("Virtual Disk Format 5.0", VMware): header and descriptor, compressed grains each
// behind its marker, a grain table after every 512 grains, then grain directory, footer and end-of-stream marker.

/** Content of one grain: 128 sectors. */
export const GRAIN_BYTES = 65_536;

/** Computes every part of a disk whose grains are all there and all pack to the same size, from first byte to last. */
export class StreamOptimizedLayout {
  readonly grains: number;
  /** Of the whole file, in bytes. */
  readonly size: number;
  readonly #grainSectors: number;
  readonly #name: string;
  readonly #id: number;
  readonly #directoryAt: number;

  constructor(grains: number, packedGrainBytes: number, name: string, id: number) {
    this.grains = grains;
    this.#name = name;
    this.#id = id;
    this.#grainSectors = sectors(GRAIN_MARKER + packedGrainBytes);
    // Behind the last grain: its table (marker and table), the marker of the directory, the directory.
    this.#directoryAt = this.#grainAt(grains - 1) + this.#grainSectors + 1 + TABLE_SECTORS + 1;
    const end = this.#directoryAt + sectors(4 * this.#tables) + 3;
    this.size = end * SECTOR;
  }

  /** Header and descriptor, up to the first grain. */
  head(): Uint8Array {
    const head = Buffer.alloc(OVERHEAD * SECTOR);
    head.set(this.#header(DIRECTORY_AT_END), 0);
    head.write(this.#descriptor(), SECTOR, 'utf8');
    return head;
  }

  /** Grain `index` as it lies in the file, with its grain table if the table ends with it. */
  grain(index: number, packed: Uint8Array): Uint8Array[] {
    const grain = Buffer.alloc(this.#grainSectors * SECTOR);
    grain.writeBigUInt64LE(BigInt(index * GRAIN_SECTORS), 0);
    grain.writeUInt32LE(packed.length, 8);
    grain.set(packed, GRAIN_MARKER);
    const last = index === this.grains - 1 || (index + 1) % TABLE_ENTRIES === 0;
    return last ? [grain, marker(MARKER.grainTable, TABLE_SECTORS), this.#table(index)] : [grain];
  }

  /** Grain directory, footer, end of stream. */
  tail(): Uint8Array[] {
    const length = sectors(4 * this.#tables);
    const directory = Buffer.alloc(length * SECTOR);
    for (let table = 0; table < this.#tables; table += 1) directory.writeUInt32LE(this.#tableAt(table), 4 * table);
    return [
      marker(MARKER.grainDirectory, length),
      directory,
      marker(MARKER.footer, 1),
      this.#header(BigInt(this.#directoryAt)),
      marker(MARKER.endOfStream, 0)
    ];
  }

  get #tables(): number {
    return Math.ceil(this.grains / TABLE_ENTRIES);
  }

  /** Sector where a grain's marker lies: behind all grains and full tables before it. */
  #grainAt(index: number): number {
    const tablesBefore = Math.floor(index / TABLE_ENTRIES);
    return OVERHEAD + index * this.#grainSectors + tablesBefore * (1 + TABLE_SECTORS);
  }

  /** Sector where a grain table lies, behind its marker. */
  #tableAt(table: number): number {
    const last = Math.min((table + 1) * TABLE_ENTRIES, this.grains) - 1;
    return this.#grainAt(last) + this.#grainSectors + 1;
  }

  /** The table that ends with grain `last`. */
  #table(last: number): Uint8Array {
    const table = Buffer.alloc(TABLE_SECTORS * SECTOR);
    for (let index = last - (last % TABLE_ENTRIES); index <= last; index += 1) {
      table.writeUInt32LE(this.#grainAt(index), 4 * (index % TABLE_ENTRIES));
    }
    return table;
  }

  #header(directoryAt: bigint): Uint8Array {
    const header = Buffer.alloc(SECTOR);
    header.write('KDMV', 0, 'latin1');
    header.writeUInt32LE(3, 4);
    // Valid newline test, compressed grains, markers.
    header.writeUInt32LE(0x30001, 8);
    header.writeBigUInt64LE(BigInt(this.grains * GRAIN_SECTORS), 12);
    header.writeBigUInt64LE(BigInt(GRAIN_SECTORS), 20);
    header.writeBigUInt64LE(1n, 28);
    header.writeBigUInt64LE(BigInt(DESCRIPTOR_SECTORS), 36);
    header.writeUInt32LE(TABLE_ENTRIES, 44);
    header.writeBigUInt64LE(0n, 48);
    header.writeBigUInt64LE(directoryAt, 56);
    header.writeBigUInt64LE(BigInt(OVERHEAD), 64);
    header.write('\n \r\n', 73, 'latin1');
    header.writeUInt16LE(DEFLATE, 77);
    return header;
  }

  #descriptor(): string {
    const capacity = this.grains * GRAIN_SECTORS;
    return [
      '# Disk DescriptorFile',
      'version=1',
      `CID=${(this.#id >>> 0).toString(16).padStart(8, '0')}`,
      'parentCID=ffffffff',
      'createType="streamOptimized"',
      '',
      '# Extent description',
      `RW ${capacity} SPARSE "${this.#name}"`,
      '',
      '# The Disk Data Base',
      '#DDB',
      '',
      'ddb.adapterType = "lsilogic"',
      `ddb.geometry.cylinders = "${Math.max(1, Math.floor(capacity / (255 * 63)))}"`,
      'ddb.geometry.heads = "255"',
      'ddb.geometry.sectors = "63"',
      'ddb.virtualHWVersion = "13"',
      ''
    ].join('\n');
  }
}

const SECTOR = 512;
const GRAIN_SECTORS = GRAIN_BYTES / SECTOR;
/** Sectors before the first grain. */
const OVERHEAD = 128;
const DESCRIPTOR_SECTORS = 20;
const TABLE_ENTRIES = 512;
const TABLE_SECTORS = (TABLE_ENTRIES * 4) / SECTOR;
/** Sector number of the grain (8 bytes) and packed size (4 bytes). */
const GRAIN_MARKER = 12;
const DEFLATE = 1;
/** In the header of a stream: the grain directory is where the footer says. */
const DIRECTORY_AT_END = 0xffff_ffff_ffff_ffffn;
const MARKER = { endOfStream: 0, grainTable: 1, grainDirectory: 2, footer: 3 } as const;

function sectors(bytes: number): number {
  return Math.ceil(bytes / SECTOR);
}

/** A marker of metadata: how many sectors follow, size 0, and of what kind they are. */
function marker(kind: number, length: number): Uint8Array {
  const block = Buffer.alloc(SECTOR);
  block.writeBigUInt64LE(BigInt(length), 0);
  block.writeUInt32LE(kind, 12);
  return block;
}
