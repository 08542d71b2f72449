// Which proxy stands between here and the server, by the variables that other programs honour, too.
import { BlockList, isIP } from 'node:net';
import { UsageError } from './exit.ts';
import type { Environment } from './io.ts';

/**
 * `--proxy`, SHELVER_PROXY, then HTTPS_PROXY or HTTP_PROXY by the scheme, unless NO_PROXY names the host. `none` is no
 * proxy. As with Go programs, a variable never puts a proxy before a loopback address.
 *
 * @example `proxyFor('https://vc.example.com', undefined, { https_proxy: 'http://p:3128' })` is `'http://p:3128'`.
 */
export function proxyFor(url: string, flag: string | undefined, env: Environment): string | undefined {
  return proxyFound(url, flag, env)?.proxy;
}

/** The same, and which option or variable says so. */
export function proxyFound(
  url: string,
  flag: string | undefined,
  env: Environment
): { readonly proxy: string; readonly from: string } | undefined {
  if (flag !== undefined) {
    if (flag.includes('@')) {
      throw new UsageError(
        'the address given by --proxy holds a user name or password, and others can see a command line',
        'set SHELVER_PROXY instead'
      );
    }
    return flag === 'none' ? undefined : { proxy: flag, from: '--proxy' };
  }
  const own = env.SHELVER_PROXY;
  if (own) return own === 'none' ? undefined : { proxy: own, from: 'SHELVER_PROXY' };
  const full = url.includes('://') ? url : `https://${url}`;
  if (!URL.canParse(full)) return undefined;
  const { protocol, hostname, port } = new URL(full);
  const plain = protocol === 'http:';
  const from = (plain ? ['http_proxy', 'HTTP_PROXY'] : ['https_proxy', 'HTTPS_PROXY']).find(name => env[name]);
  const proxy = from && env[from];
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (!from || !proxy || isLoopback(host)) return undefined;
  const exempt = isExempt(host, port || (plain ? '80' : '443'), env.no_proxy || env.NO_PROXY || '');
  return exempt ? undefined : { proxy, from };
}

/** Names match themselves and what is below them; addresses match themselves or a range; a port narrows it. */
function isExempt(host: string, port: string, list: string): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some(entry => {
      if (entry === '') return false;
      if (entry === '*') return true;
      if (entry.includes('/')) return isWithin(host, entry);
      if (isIP(entry)) return entry === host;
      const [, name = '', only] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? [];
      if (only !== undefined && only !== port) return false;
      const bare = name.replace(/^\*?\./, '');
      return host.endsWith(`.${bare}`) || (host === bare && bare === name);
    });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || isWithin(host, '127.0.0.0/8');
}

function isWithin(host: string, range: string): boolean {
  const family = isIP(host);
  const [net = '', bits = ''] = range.split('/');
  if (family === 0 || isIP(net) !== family || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) {
    return false;
  }
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(net, Number(bits), type);
  return list.check(host, type);
}
