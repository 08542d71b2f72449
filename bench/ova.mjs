// An OVA as others make it: manifest and descriptor first, then its disks, of bytes that cannot be squeezed.
import { createCipheriv, createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { tarHeader } from './files.mjs';

/**
 * @param {string} path ends with `.ova`
 * @param {number} disks how many
 * @param {number} size of each
 */
export async function writeOva(path, disks, size) {
  const files = Array.from({ length: disks }, (_, index) => ({
    name: `disk${index + 1}.vmdk`,
    content: noise(size, index)
  }));
  const members = [{ name: 'machine.ovf', content: Buffer.from(descriptor(files)) }, ...files];
  const sums = members.map(
    ({ name, content }) => `SHA256(${name})= ${createHash('sha256').update(content).digest('hex')}\n`
  );
  const all = [...members.slice(0, 1), { name: 'machine.mf', content: Buffer.from(sums.join('')) }, ...files];
  const parts = all.flatMap(({ name, content }) => [
    tarHeader(name, content.length),
    content,
    Buffer.alloc((512 - (content.length % 512)) % 512)
  ]);
  await writeFile(path, Buffer.concat([...parts, Buffer.alloc(1_024)]));
  return path;
}

/** @param {readonly { name: string, content: Buffer }[]} files */
function descriptor(files) {
  const references = files.map(
    ({ name, content }, index) => `<File ovf:id="file${index}" ovf:href="${name}" ovf:size="${content.length}"/>`
  );
  const disks = files.map(
    (_, index) =>
      `<Disk ovf:diskId="disk${index}" ovf:fileRef="file${index}" ovf:capacity="1" ovf:capacityAllocationUnits="byte * 2^30" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>`
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
<References>${references.join('')}</References>
<DiskSection><Info>Disks</Info>${disks.join('')}</DiskSection>
<VirtualSystem ovf:id="machine"><Info>A machine</Info><Name>machine</Name></VirtualSystem>
</Envelope>
`;
}

/**
 * @param {number} size
 * @param {number} seed
 */
function noise(size, seed) {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(size));
}
