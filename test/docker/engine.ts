// What the tests ask of the Docker engine, by its own command.
import { execa } from 'execa';

export const docker = async (...args: string[]): Promise<string> => (await execa('docker', args)).stdout;

/** Containers a run of `finwait run --place docker` has now: those that bear its label. */
export const containers = async (...more: string[]): Promise<string[]> =>
  lines(await docker('ps', '--filter', 'label=finwait.lab', '--format', '{{.Names}}', ...more));

export type Inspected = {
  Name: string;
  Config: { User: string; ExposedPorts?: object | null; Env: string[] };
  State: { Running: boolean };
  Mounts: { Type: string; Source: string; Destination: string; RW: boolean }[];
  HostConfig: {
    Privileged: boolean;
    NetworkMode: string;
    PidMode: string;
    IpcMode: string;
    UTSMode: string;
    UsernsMode: string;
    CapAdd: string[] | null;
    CapDrop: string[] | null;
    SecurityOpt: string[] | null;
    ReadonlyRootfs: boolean;
    PidsLimit: number | null;
    Memory: number;
    Devices: { PathOnHost: string }[] | null;
    DeviceRequests: unknown[] | null;
    DeviceCgroupRules: string[] | null;
    PortBindings: object | null;
    PublishAllPorts: boolean;
    GroupAdd: string[] | null;
    MaskedPaths: string[] | null;
    ReadonlyPaths: string[] | null;
  };
};

export const inspect = async (...names: string[]): Promise<Inspected[]> =>
  JSON.parse(await docker('inspect', ...names));

/** Wait until `look` finds something. */
export const eventually = async <T>(what: string, look: () => Promise<T | undefined>, seconds = 60): Promise<T> => {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${seconds} s for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

export const lines = (text: string): string[] => text.split('\n').filter(Boolean);
