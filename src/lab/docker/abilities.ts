// What the Docker engine of this machine can do for a lab, for `finwait doctor`.
import { docker, dockerOutput } from './command.ts';

export type Abilities = { engine: string; plugins: string[]; image: boolean };

/** Throws LabError when no engine answers. */
export const readAbilities = async (): Promise<Abilities> => {
  const format =
    'Docker {{.ServerVersion}}, {{.Driver}}, cgroups {{.CgroupVersion}}, security: {{join .SecurityOptions " "}}; runs on {{.Name}}';
  const [engine, compose, buildx, images] = await Promise.all([
    dockerOutput(['info', '--format', format]),
    docker(['compose', 'version', '--short']),
    docker(['buildx', 'version']),
    docker(['image', 'ls', '--quiet', '--filter', 'label=finwait.image=1']),
  ]);
  const composeWords = compose.ok ? `Compose ${compose.stdout}` : 'no Compose v2: `docker compose up` will not do';
  const buildxWords = buildx.ok
    ? `buildx ${/\d+\.\d+\.\d+/.exec(buildx.stdout)?.[0] ?? ''}`
    : 'no buildx: the classic builder is used';
  return { engine, plugins: [composeWords, buildxWords], image: images.stdout !== '' };
};
