// Writes SOAP answers: envelope, responses and faults, in the namespaces that values name their types by.
import { escaped } from '../../wire/xml.ts';

export function response(method: string, content: string): string {
  return envelope(`<${method}Response xmlns="urn:vim25">${content}</${method}Response>`);
}

/** Why a call is not answered: a fault of the vSphere Web Services API, by its type. */
export class SoapFault extends Error {
  readonly type: string;
  readonly content: string;

  /** @param content XML of the fields that the type has. */
  constructor(type: string, message: string, content = '') {
    super(message);
    this.type = type;
    this.content = content;
  }
}

export function fault({ type, message, content }: SoapFault): string {
  return envelope(
    `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>${escaped(message)}</faultstring>` +
      `<detail><${type}Fault xmlns="urn:vim25" xsi:type="${type}">${content}</${type}Fault></detail></soapenv:Fault>`
  );
}

/** Elements, each with its text. */
export function fields(texts: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(texts)
    .map(([name, text]) => `<${name}>${escaped(String(text))}</${name}>`)
    .join('');
}

function envelope(content: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">' +
    `<soapenv:Body>${content}</soapenv:Body></soapenv:Envelope>`
  );
}
