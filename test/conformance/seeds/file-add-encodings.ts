// The request of updatesession.file add in its three encodings, the id in the path or beside the rest.
import { form, json, type Names, type RawRequest, type SeedRow, xml } from './row.ts';

export const PATH = '/com/vmware/content/library/item/updatesession/file';
export const NAMESPACE = 'http://vmware.com/content/library/item/updatesession/file';
/** Printed in every request, and used by none. */
const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';

export type Encoding = 'json' | 'xml' | 'form';
export interface Spec {
  readonly name: string;
  readonly source_type: string;
  readonly size?: number;
  readonly checksum_info?: { readonly algorithm?: string; readonly checksum: string };
  readonly source_endpoint?: { readonly uri: string; readonly ssl_certificate_thumbprint?: string };
}
type SpecOf = Spec | ((names: Names) => Spec);

/** The same call in one of the three encodings, the id of the session in the path or beside the specification. */
export function add(
  encoding: Encoding,
  its: SpecOf,
  where: 'path' | 'beside' = 'beside'
): Pick<SeedRow, 'request' | 'call'> {
  const specOf = (names: Names) => (typeof its === 'function' ? its(names) : its);
  const path = ({ session }: Names) => `${PATH}${where === 'path' ? `/id:${session}` : ''}?~action=add`;
  const fields = (names: Names) => ({
    ...(where === 'beside' && { update_session_id: names.session }),
    file_spec: specOf(names)
  });
  const requests: Readonly<Record<Encoding, (names: Names) => RawRequest>> = {
    json: names => json('POST', path(names), fields(names)),
    xml: names =>
      xml(path(names), `<ns0:Add-Input xmlns:ns0="${NAMESPACE}" ${XSI}>${elements(fields(names))}</ns0:Add-Input>`),
    form: names => form(path(names), dotted(fields(names)))
  };
  return {
    request: requests[encoding],
    call: {
      op: 'file.add',
      dialect: '2014',
      args: names => ({ update_session_id: names.session, spec: specOf(names) }),
      tokenPlace: 'body',
      wording: { encoding, form: where === 'path' ? 2 : 3, bare: true }
    }
  };
}

/** Nested elements, named as the fields; a list is `<F-array>` of `<array-item>`. */
export function elements(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) => {
      if (Array.isArray(value)) {
        const items = value.map(item => `<array-item>${item}</array-item>`).join('');
        return `<${name}-array>${items}</${name}-array>`;
      }
      return `<${name}>${typeof value === 'object' ? elements(value) : value}</${name}>`;
    })
    .join('');
}

/** Dotted names. */
function dotted(fields: object, before = ''): Record<string, string | number> {
  return Object.assign(
    {},
    ...Object.entries(fields).map(([name, value]) =>
      typeof value === 'object' ? dotted(value, `${before}${name}.`) : { [`${before}${name}`]: value }
    )
  );
}
