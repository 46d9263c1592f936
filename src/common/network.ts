import { isIPv6, SocketAddress } from 'node:net';

/**
 * The network that counts as one sender: an IPv4 address, or the /64 that an IPv6 host may walk freely (RFC 4291, 2.5.4).
 * Anything else stands for itself.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const groups = expand(new SocketAddress({ family: 'ipv6', address: address.split('%')[0] ?? address }).address);
  return `${groups.slice(0, 4).join(':')}::/64`;
}

function expand(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return left;
  const right = tail === '' ? [] : tail.split(':');
  return [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
}
