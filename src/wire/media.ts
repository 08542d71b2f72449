// Media types: what a body is written in, and what its sender wants to be answered in.

/** How a body is written. The dialects of 6.5 and older know XML beside JSON, the one of 2014 forms as well. */
export type Encoding = 'json' | 'xml' | 'form';

/** The Content-Type of a body. */
export const MEDIA_TYPES: Readonly<Record<Encoding, string>> = {
  json: 'application/json',
  xml: 'application/xml',
  form: 'application/x-www-form-urlencoded'
};

/** What a Content-Type says; whatever is neither XML nor a form is taken for JSON. */
export function encodingOf(contentType = ''): Encoding {
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase();
  if (type === MEDIA_TYPES.xml || type === 'text/xml') return 'xml';
  return type === MEDIA_TYPES.form ? 'form' : 'json';
}

/**
 * What an Accept asks for: XML only when it is wanted more than JSON.
 *
 * @example `wantedBy('application/xml, application/json;q=0.5')` is `'xml'`; `wantedBy(undefined)` is `'json'`.
 */
export function wantedBy(accept: string | undefined): 'json' | 'xml' {
  const ranges = (accept ?? '').split(',').map(range => {
    const [type = '', ...parameters] = range.toLowerCase().split(';');
    const q = parameters.map(parameter => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find(found => found !== undefined);
    return { type: type.trim(), q: q === undefined ? 1 : Number(q) };
  });
  const weight = (...types: readonly string[]) =>
    Math.max(0, ...ranges.filter(({ type }) => types.includes(type)).map(({ q }) => q));
  return weight(MEDIA_TYPES.xml, 'text/xml') > weight(MEDIA_TYPES.json) ? 'xml' : 'json';
}
