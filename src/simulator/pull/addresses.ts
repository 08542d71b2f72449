// Which addresses the simulator connects to when somebody asks it to fetch: a name that is allowed may lead anywhere, also
// to this machine or to a cloud's metadata service, so it is the address that decides.
import { BlockList, isIP } from 'node:net';

/** `inner`: of a private network. `own`: of this machine, its link, or of no single host. */
export type AddressKind = 'outer' | 'inner' | 'own';

export function kindOf(address: string): AddressKind {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || OWN.check(address, family)) return 'own';
  return INNER.check(address, family) ? 'inner' : 'outer';
}

export function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

const LOOPBACK = listOf(['127.0.0.0/8', '::1/128']);

const OWN = listOf([
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // the metadata services that do not live on the link
  '100.100.100.200/32',
  'fd00:ec2::254/128',
  // unspecified, loopback and addresses that carry one of IPv4 in them
  '::/96',
  '::ffff:0:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2001::/32',
  '2002::/16',
  '100::/64',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8'
]);

const INNER = listOf(['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', '198.18.0.0/15', 'fc00::/7']);

/** An IPv6 address that maps one of IPv4 is judged as that one. */
function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}
