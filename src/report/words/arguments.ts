// Arguments of calls and of operations, written briefly.
import { beforePort, type Endpoint, endpoint } from '../../record/endpoint.ts';
import { addressOf, hostNames } from '../../record/hosts.ts';
import { cut, visible } from './text.ts';

/** One argument as it would stand between the brackets of a call. */
export const argument = (value: unknown): string => {
  if (typeof value === 'string') return hosts[value] ?? (isSymbol(value) ? value : quote(value));
  if (Array.isArray(value)) return `[${value.map(argument).join(', ')}]`;
  if (isEndpoint(value)) return `${hosts[value.address] ?? beforePort(value.address)}:${value.port}`;
  if (typeof value === 'object' && value !== null) return options(value).join(', ');
  return String(value);
};

const isEndpoint = (value: unknown): value is Endpoint => endpoint.strict().safeParse(value).success;

export const quote = (text: string, width = 20): string => `"${cut(visible(text), width, '...')}"`;

const hosts: Record<string, string> = Object.fromEntries(hostNames.map((host) => [addressOf[host].ip, host]));

/** Constants, addresses and other names read better without quotes. */
const isSymbol = (text: string): boolean => /^[A-Z][A-Z0-9_]+$|^[\w.-]*\d+\.\d+[\w.-]*$|^(client|server)$/.test(text);

/** `bytes 1000, allowHalfOpen`: what is true needs no more than its name. */
const options = (value: object): string[] =>
  Object.entries(value).flatMap(([name, inner]) => {
    if (inner === undefined || inner === null) return [];
    return [inner === true ? name : name === 'port' ? argument(inner) : `${name} ${argument(inner)}`];
  });
