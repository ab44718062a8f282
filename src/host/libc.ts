// The C library through koffi. Loaded on first use, because most Node processes never need it.
import { ControlError } from '../control/channel.ts';
import { errnoName } from './errno.ts';

/** The calls used here, as C declares them. fcntl and prctl pass one int where C has `...`, which Linux's ABIs do alike. */
const prototypes = {
  socket: 'int socket(int domain, int type, int protocol)',
  bind: 'int bind(int fd, void *address, unsigned int length)',
  listen: 'int listen(int fd, int backlog)',
  accept4: 'int accept4(int fd, void *address, void *length, int flags)',
  connect: 'int connect(int fd, void *address, unsigned int length)',
  send: 'long send(int fd, void *data, size_t length, int flags)',
  recv: 'long recv(int fd, void *data, size_t length, int flags)',
  write: 'long write(int fd, void *data, size_t length)',
  read: 'long read(int fd, void *data, size_t length)',
  shutdown: 'int shutdown(int fd, int how)',
  getsockopt: 'int getsockopt(int fd, int level, int name, void *value, void *length)',
  setsockopt: 'int setsockopt(int fd, int level, int name, void *value, unsigned int length)',
  getsockname: 'int getsockname(int fd, void *address, void *length)',
  getpeername: 'int getpeername(int fd, void *address, void *length)',
  fcntl: 'int fcntl(int fd, int command, int argument)',
  poll: 'int poll(void *descriptors, unsigned long count, int timeout)',
  close: 'int close(int fd)',
  signal: 'intptr_t signal(int number, intptr_t handler)',
  prctl: 'int prctl(int option, unsigned long argument)',
  abort: 'void abort(void)',
  _exit: 'void _exit(int code)',
};
export type LibcCall = keyof typeof prototypes;
export type Libc = {
  /** Make the call on this thread. Throws with the errno's name as code when it returns -1. */
  call(name: LibcCall, ...args: unknown[]): number;
  /** Make the call on a thread of the pool, so that it may block. */
  callBlocking(name: LibcCall, ...args: unknown[]): Promise<number>;
  /** How many such calls have not returned. */
  blocking(): number;
};

/** The kernel refused a call. What else goes wrong (a name it does not know, say) is no such error. */
export class SystemCallError extends ControlError {
  override name = 'SystemCallError';
  constructor(call: LibcCall, errno: number) {
    super(`${call} failed with ${errnoName(errno)}`, errnoName(errno));
  }
}

/** Load the C library once. */
export const loadLibc = (): Promise<Libc> => {
  loading ??= load();
  return loading;
};

let loading: Promise<Libc> | undefined;

const load = async (): Promise<Libc> => {
  const { default: koffi } = await import('koffi');
  const library = koffi.load('libc.so.6');
  const functions = Object.fromEntries(
    Object.entries(prototypes).map(([name, prototype]) => [name, library.func(prototype)]),
  ) as Record<LibcCall, ReturnType<typeof library.func>>;
  // errno is read in the same turn the result is delivered in: koffi keeps it per call.
  const checked = (name: LibcCall, result: unknown): number => {
    if (result === -1) throw new SystemCallError(name, koffi.errno());
    return Number(result);
  };
  let blocking = 0;
  return {
    blocking: () => blocking,
    call: (name, ...args) => checked(name, functions[name](...args)),
    callBlocking: (name, ...args) =>
      new Promise((resolve, reject) => {
        blocking++;
        functions[name].async(...args, (error: Error | null, result: unknown) => {
          blocking--;
          try {
            if (error) throw error;
            resolve(checked(name, result));
          } catch (problem) {
            reject(problem);
          }
        });
      }),
  };
};
