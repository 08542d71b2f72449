// The files that are sent: real bytes where the disk matters, sparse ones where only the length does.
import { createCipheriv } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const KIBIBYTE = 1024;
export const MEBIBYTE = 1024 ** 2;
export const GIBIBYTE = 1024 ** 3;

/**
 * A file of bytes that cannot be squeezed; once written it stays in the page cache, so that the disk is not measured.
 *
 * @param {string} path
 * @param {number} size a multiple of 1 MiB
 */
export async function writeDense(path, size) {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16));
  const zeros = Buffer.alloc(MEBIBYTE);
  const handle = await open(path, 'w');
  for (let at = 0; at < size; at += MEBIBYTE) await handle.write(cipher.update(zeros));
  await handle.close();
  return path;
}

/**
 * Small files, each of other bytes.
 *
 * @param {string} folder
 * @param {number} count
 * @param {number} size
 * @returns {Promise<string[]>} their paths
 */
export async function writeSmall(folder, count, size) {
  const paths = Array.from({ length: count }, (_, index) => join(folder, `item-${String(index).padStart(3, '0')}.bin`));
  for (const [index, path] of paths.entries()) {
    const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16, index));
    await writeFile(path, cipher.update(Buffer.alloc(size)));
  }
  return paths;
}

/**
 * A file of zeros that takes no room.
 *
 * @param {string} path
 * @param {number} size
 */
export async function writeSparse(path, size) {
  const handle = await open(path, 'w');
  await handle.truncate(size);
  await handle.close();
  return path;
}

/**
 * An OVA whose disk is a hole: descriptor, disk, manifest, each behind its header.
 *
 * @param {string} path
 * @param {number} diskBytes a multiple of 512
 */
export async function writeSparseOva(path, diskBytes) {
  const handle = await open(path, 'w');
  let at = 0;
  for (const [name, size] of /** @type {[string, number][]} */ ([
    ['big.ovf', 4_000],
    ['big.mf', 200],
    ['big-disk1.vmdk', diskBytes]
  ])) {
    await handle.write(tarHeader(name, size), 0, 512, at);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  await handle.truncate(at + 1_024);
  await handle.close();
  return path;
}

/**
 * A ustar header; a size that does not fit into eleven octal digits is written in base 256, as GNU tar does.
 *
 * @param {string} name
 * @param {number} size
 */
export function tarHeader(name, size) {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write('0000644\0', 100);
  if (size < 8 ** 11) block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(size), 128);
  }
  block.write('        0', 148);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
