import { expect, it } from 'vitest';
import { evaluate, parseAssertions, valuesIn } from './asserts.ts';
import { decodeTcpInfo } from './tcp-info.ts';

const info = { tcpi_state: 8, tcpi_unacked: 3, tcpi_rto: 204_000 };
const holds = (code: string) => parseAssertions(code, 1).map(({ condition }) => evaluate(condition, info) !== 0);

it.each([
  ['assert tcpi_state == TCP_CLOSE_WAIT', true],
  ['assert tcpi_state != TCP_CLOSE_WAIT', false],
  ['assert tcpi_unacked > 2 and tcpi_unacked <= 3', true],
  ['assert tcpi_unacked > 5 or not tcpi_unacked == 4', true],
  ['assert 200000 <= tcpi_rto <= 230000, "rto"', true],
  ['assert 200000 <= tcpi_rto < 204000', false],
  ['assert (tcpi_unacked + 1) * 2 - 4 // 3 % 2 == 7', true],
  ['assert -tcpi_unacked < -2', true],
])('%s is %s', (code, expected) => {
  expect(holds(code)).toEqual([expected]);
});

it('tells the values of the names', () => {
  const [assertion] = parseAssertions('assert tcpi_state == TCP_CLOSE and tcpi_unacked == 0', 1);
  expect(assertion && valuesIn(assertion.condition, info)).toBe('tcpi_state = TCP_CLOSE_WAIT, tcpi_unacked = 3');
});

it('a name this kernel does not have is not decided', () => {
  const [assertion] = parseAssertions('assert tcpi_rehash == 0', 1);
  expect(() => assertion && evaluate(assertion.condition, info)).toThrow('tcpi_rehash');
});

it('TCP_INFO is read by the layout of linux/tcp.h', () => {
  const bytes = Buffer.alloc(240);
  bytes.writeUInt8(1, 0);
  bytes.writeUInt8(0x87, 6);
  bytes.writeUInt32LE(204_000, 8);
  bytes.writeUInt32LE(7, 24);
  bytes.writeUInt32LE(10, 80);
  bytes.writeBigUInt64LE(4001n, 120);
  bytes.writeUInt32LE(5, 136);
  bytes.writeUInt32LE(65_535, 228);
  expect(decodeTcpInfo(bytes.toString('hex'))).toMatchObject({
    tcpi_state: 1,
    tcpi_snd_wscale: 7,
    tcpi_rcv_wscale: 8,
    tcpi_rto: 204_000,
    tcpi_unacked: 7,
    tcpi_snd_cwnd: 10,
    tcpi_bytes_acked: 4001,
    tcpi_segs_out: 5,
    tcpi_snd_wnd: 65_535,
  });
  expect(decodeTcpInfo(bytes.subarray(0, 104).toString('hex'))).not.toHaveProperty('tcpi_pacing_rate');
});
