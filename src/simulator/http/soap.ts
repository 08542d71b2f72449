// The little of the vSphere Web Services (SOAP, /sdk) that govc wants before it speaks to the content library: what the
// service is, login, logout. Anything else is answered with a fault that names it.
import type { ServerProfile } from '../../ports.ts';
import type { Logins } from '../logins.ts';

export interface SoapAnswer {
  readonly status: number;
  readonly xml: string;
  /** Name of the method that was called. */
  readonly method: string;
  readonly user?: string;
}
export interface SoapHost {
  readonly logins: Logins;
  readonly profile: ServerProfile;
  /** Stands for this installation. */
  readonly instanceId: string;
  now(): number;
}

export function answerSoap(body: string, host: SoapHost): SoapAnswer {
  const method = /<(?:[\w-]+:)?Body\b[^>]*>\s*<(?:[\w-]+:)?(\w+)/.exec(body)?.[1] ?? 'unknown';
  switch (method) {
    case 'RetrieveServiceContent':
      return { status: 200, method, xml: envelope(response(method, `<returnval>${serviceContent(host)}</returnval>`)) };
    case 'Login': {
      const user = textIn(body, 'userName');
      const login = host.logins.open(user, textIn(body, 'password'));
      if (login === undefined) {
        return {
          status: 500,
          method,
          xml: fault('Cannot complete login due to an incorrect user name or password.', 'InvalidLogin')
        };
      }
      // only the REST side knows tokens; this one has proved who it is and is not needed any more
      host.logins.end(login.token);
      return {
        status: 200,
        method,
        user,
        xml: envelope(response(method, `<returnval>${session(user, host)}</returnval>`))
      };
    }
    case 'Logout':
      return { status: 200, method, xml: envelope(response(method, '')) };
    default:
      return {
        status: 500,
        method,
        xml: fault(`The simulator has no ${method}: only the content library is here.`, 'NotSupported')
      };
  }
}

function serviceContent({ profile, instanceId }: SoapHost): string {
  const version = /^\d/.test(profile.name) ? `${profile.name}.0` : '8.0.0';
  const about = Object.entries({
    name: 'VMware vCenter Server',
    fullName: `VMware vCenter Server ${version} (shelver simulator)`,
    vendor: 'VMware, Inc.',
    version,
    build: '0',
    localeVersion: 'INTL',
    localeBuild: '000',
    osType: 'linux-x64',
    productLineId: 'vpx',
    apiType: 'VirtualCenter',
    apiVersion: version,
    instanceUuid: instanceId,
    licenseProductName: 'VMware VirtualCenter Server',
    licenseProductVersion: version
  });
  return [
    '<rootFolder type="Folder">group-d1</rootFolder>',
    '<propertyCollector type="PropertyCollector">propertyCollector</propertyCollector>',
    '<viewManager type="ViewManager">ViewManager</viewManager>',
    `<about>${about.map(([name, value]) => `<${name}>${escaped(value)}</${name}>`).join('')}</about>`,
    '<sessionManager type="SessionManager">SessionManager</sessionManager>',
    '<searchIndex type="SearchIndex">SearchIndex</searchIndex>'
  ].join('');
}

function session(user: string, host: SoapHost): string {
  const at = new Date(host.now()).toISOString();
  return [
    '<key>shelver-simulator</key>',
    `<userName>${escaped(user)}</userName><fullName>${escaped(user)}</fullName>`,
    `<loginTime>${at}</loginTime><lastActiveTime>${at}</lastActiveTime>`,
    '<locale>en</locale><messageLocale>en</messageLocale>'
  ].join('');
}

function envelope(content: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">' +
    `<soapenv:Body>${content}</soapenv:Body></soapenv:Envelope>`
  );
}

function response(method: string, content: string): string {
  return `<${method}Response xmlns="urn:vim25">${content}</${method}Response>`;
}

function fault(text: string, type: string): string {
  const detail = `<${type}Fault xmlns="urn:vim25" xsi:type="${type}"/>`;
  return envelope(
    `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>${escaped(text)}</faultstring>` +
      `<detail>${detail}</detail></soapenv:Fault>`
  );
}

function textIn(body: string, element: string): string {
  const match = new RegExp(`<(?:[\\w-]+:)?${element}\\b[^>]*>([^<]*)<`).exec(body);
  return (match?.[1] ?? '').replace(/&(lt|gt|quot|apos|amp|#\d+|#x[\da-f]+);/gi, (_, name: string) => entity(name));
}

function entity(name: string): string {
  if (/^#x/i.test(name)) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
  if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)));
  return { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }[name.toLowerCase()] ?? '';
}

function escaped(text: string): string {
  return text.replace(/[<>&"']/g, char => `&#${char.charCodeAt(0)};`);
}
