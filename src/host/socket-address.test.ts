import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeSocketAddress, encodeSocketAddress, socketAddressLength } from './socket-address.ts';

test('an endpoint comes back from its bytes', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.nat(65535), (address, port) => {
      expect(decodeSocketAddress(encodeSocketAddress({ address, port }))).toEqual({ address, port });
    }),
  );
});

test('without an address it is every address, as struct sockaddr_in has it', () => {
  expect(encodeSocketAddress({ port: 0x1234 }).toString('hex')).toBe('02001234000000000000000000000000');
});

test('what is not an IPv4 address is refused or not decoded', () => {
  expect(() => encodeSocketAddress({ address: '::1' })).toThrow('IPv4');
  fc.assert(
    fc.property(fc.uint8Array({ minLength: socketAddressLength, maxLength: socketAddressLength }), (bytes) => {
      const endpoint = decodeSocketAddress(Buffer.from(bytes));
      expect(endpoint === undefined).toBe(bytes[0] !== 2 || bytes[1] !== 0);
    }),
  );
});
