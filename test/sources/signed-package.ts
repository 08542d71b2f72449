// Packages that are really signed (DSP0243, 5.1): a descriptor, a disk, a manifest over both, and a certificate file with the
// signature over the manifest and the certificate that it can be checked with.
import { createHash, sign } from 'node:crypto';
import { pack } from 'tar-stream';
import { type Certificate, selfSignedCertificate } from '../../src/simulator/http/certificate.ts';

export interface SignedPackage {
  readonly certificate: Certificate;
  /** In the order of an archive: descriptor, manifest, certificate, disk. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}

const DAY_MS = 86_400_000;

/** `validFrom`: the certificate holds for ten years and a day from then. */
export function signedPackage(
  validFrom: number = Date.now() - DAY_MS,
  change: (files: Record<string, string | Uint8Array>) => void = () => undefined
): SignedPackage {
  const certificate = selfSignedCertificate(validFrom + DAY_MS, Buffer.from('a serial of a kind'));
  const disk = Buffer.alloc(70_000, 'sectors of a disk ');
  const ovf = `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
  <References><File ovf:href="vm-disk1.vmdk" ovf:id="file1" ovf:size="${disk.length}"/></References>
</Envelope>
`;
  const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
  const mf = `SHA256(vm.ovf)= ${sha256(ovf)}\nSHA256(vm-disk1.vmdk)= ${sha256(disk)}\n`;
  const signature = sign('sha256', Buffer.from(mf), certificate.key).toString('hex');
  const files = {
    'vm.ovf': ovf,
    'vm.mf': mf,
    'vm.cert': `SHA256(vm.mf)= ${signature}\n${certificate.cert}`,
    'vm-disk1.vmdk': disk
  };
  change(files);
  return { certificate, files };
}

/** The files as one archive, in their order. */
export async function tarOf(files: SignedPackage['files']): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) archive.entry({ name }, Buffer.from(content));
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
