// The way to the server, as far as bytes: settings, proxy, name, connection.
import type { Check, Examination } from './check.ts';

export const settingsCheck: Check = {
  id: 'settings',
  look: async its => {
    its.settings = await its.means.settings();
    const { where, username, origins } = its.settings;
    const from = origins.map(one => `${one.what}: ${one.from}`).join(', ');
    return {
      says: `${where.secure ? 'https' : 'http'}://${where.place} as ${username} (${from})`,
      facts: { server: where.place, secure: where.secure, username, origins }
    };
  }
};

export const proxyCheck: Check = {
  id: 'proxy',
  needs: ['settings'],
  look: async its => {
    its.reach = await its.means.reach();
    const { proxy } = its.reach;
    if (proxy === undefined) return { says: 'none', facts: {} };
    const from = settingsOf(its).proxyFrom;
    return {
      says: `everything goes through ${proxy.place} (${from})`,
      facts: { proxy: proxy.place, from }
    };
  }
};

/** Through a proxy it is the proxy that looks the server up. */
export const dnsCheck: Check = {
  id: 'dns',
  needs: ['proxy'],
  look: async its => {
    const { means, reach } = its;
    const { host } = reach!.proxy ?? settingsOf(its).where;
    const addresses = await reach!.lookUp(host, means);
    const whose = reach!.proxy ? `the proxy ${host}` : host;
    const isAddress = addresses.length === 1 && host.includes(addresses[0]!);
    return {
      says: isAddress ? `${whose} is an address: there is no name to look up` : `${whose} is ${addresses.join(', ')}`,
      facts: { host, addresses }
    };
  }
};

export const tcpCheck: Check = {
  id: 'tcp',
  needs: ['dns'],
  look: async its => {
    const { place } = settingsOf(its).where;
    const { tookMs } = await its.reach!.dial(settingsOf(its).where, its.means);
    return { says: `${place} takes a connection (${tookMs} ms)`, facts: { place, ms: tookMs } };
  }
};

function settingsOf(its: Examination) {
  return its.settings!;
}
