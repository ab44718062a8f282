import fc from 'fast-check';
import { expect, test } from 'vitest';
import { address6 } from '../packet/segment-arbitrary.ts';
import { decodeSocketAddress, encodeSocketAddress, socketAddressLength } from './socket-address.ts';

test('an endpoint comes back from its bytes', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.nat(65535), (address, port) => {
      expect(decodeSocketAddress(encodeSocketAddress({ address, port }))).toEqual({ address, port });
    }),
  );
});

test('over IPv6 too', () => {
  fc.assert(
    fc.property(address6, fc.nat(65535), (address, port) => {
      const bytes = encodeSocketAddress({ address, port });
      expect(bytes).toHaveLength(28);
      expect(decodeSocketAddress(bytes)).toEqual({ address, port });
    }),
  );
});

test('without an address it is every address, as struct sockaddr_in has it', () => {
  expect(encodeSocketAddress({ port: 0x1234 }).toString('hex')).toBe('02001234000000000000000000000000');
});

test('what is no address is refused or not decoded', () => {
  expect(() => encodeSocketAddress({ address: 'server' })).toThrow('write an IPv4 or an IPv6 address');
  fc.assert(
    fc.property(fc.uint8Array({ minLength: socketAddressLength, maxLength: socketAddressLength }), (bytes) => {
      const endpoint = decodeSocketAddress(Buffer.from(bytes));
      const isInternet = (bytes[0] === 2 || bytes[0] === 10) && bytes[1] === 0;
      expect(endpoint !== undefined).toBe(isInternet);
    }),
  );
});
