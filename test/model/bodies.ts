// What the files hold: text, descriptors that name disks, and manifests that say nothing (what a wrong one does is not documented).

/** What is meant to be in a file of that name. */
export function bodyOf(name: string, variant: number): string {
  if (name.endsWith('.mf')) return '';
  if (!name.endsWith('.ovf')) return variant === 0 ? '' : `${encodeURI(name)} as it is `.repeat(variant);
  const refs = ['a.vmdk', 'b.vmdk'].slice(0, variant).map((its, at) => `<File ovf:id="f${at}" ovf:href="${its}"/>`);
  const space = 'http://schemas.dmtf.org/ovf/envelope/1';
  return `<Envelope xmlns="${space}" xmlns:ovf="${space}"><References>${refs.join('')}</References></Envelope>`;
}
