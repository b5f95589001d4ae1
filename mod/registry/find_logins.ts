/** Where the logins for an image come from, in their order. */
import { errorText, PodsteadError } from "../core/mod.ts";
import { readSettingFile } from "../os/mod.ts";
import { loginsIn, type RegistryLogin } from "./docker_config.ts";
import { repositoryOf } from "./image_name.ts";

/**
 * Where the kubelet looks for logins: in its root directory, in its working directory and below
 * its home, which are "/" and root's for a service.
 *
 * Source: kubernetes 1.36 pkg/credentialprovider/config.go, `ReadDockerConfigFile`: the first
 * `config.json` that can be read counts, else the first `.dockercfg`.
 */
export const KUBELET_LOGINS: readonly string[] = [
  "/var/lib/kubelet/config.json",
  "/config.json",
  "/root/.docker/config.json",
  "/.docker/config.json",
  "/var/lib/kubelet/.dockercfg",
  "/.dockercfg",
  "/root/.dockercfg",
];

/** The credentials that pods bring, as one text each. */
export interface PodCredentials {
  /** Where they are from, for messages: `Secret default/regcred`. */
  readonly from: string;
  /** A Docker configuration. */
  readonly config: string;
  /** The images of the pods that name it, as in the pods. */
  readonly images: readonly string[];
}

/** What logins are looked for in. */
export interface LoginSources {
  /** `imagePullSecrets`; default: none. */
  readonly pods?: readonly PodCredentials[];
  /** `agent.pull.credentialsFile`, which must be readable if it is named. */
  readonly credentialsFile: string | null;
  /** Default: `KUBELET_LOGINS`. */
  readonly kubeletFiles?: readonly string[];
}

/**
 * The logins for an image, best first: of the pods that use it, of other pods for the same
 * registry, of `credentialsFile`, of the kubelet's file. What pods bring and the kubelet's files
 * may be of no use; then they are left out.
 *
 * @throws {PodsteadError} `config` for a `credentialsFile` that cannot be read or used
 */
export async function findLogins(
  image: string,
  { pods = [], credentialsFile, kubeletFiles = KUBELET_LOGINS }: LoginSources,
): Promise<readonly RegistryLogin[]> {
  return [
    ...podLogins(image, pods),
    ...credentialsFile === null ? [] : loginsIn(
      await readNamed(credentialsFile),
      image,
      JSON.stringify(credentialsFile),
    ),
    ...await kubeletLogins(image, kubeletFiles),
  ];
}

/** The logins of pods for an image; first of those that use the image. */
export function podLogins(
  image: string,
  pods: readonly PodCredentials[],
): readonly RegistryLogin[] {
  const repository = repositoryOf(image);
  const own = pods.filter(({ images }) => images.some((one) => repositoryOf(one) === repository));
  return [...own, ...pods.filter((one) => !own.includes(one))].flatMap(({ config, from }) => {
    try {
      return loginsIn(config, image, from);
    } catch {
      return []; // of no use: the verdict on the pod says why
    }
  });
}

async function kubeletLogins(
  image: string,
  files: readonly string[],
): Promise<readonly RegistryLogin[]> {
  for (const file of files) {
    try {
      return loginsIn(await readSettingFile(file), image, JSON.stringify(file));
    } catch {
      // Not there, not ours to read, or nothing that we can use: the next one.
    }
  }
  return [];
}

async function readNamed(file: string): Promise<string> {
  try {
    return await readSettingFile(file);
  } catch (error) {
    throw new PodsteadError(
      "config",
      `Cannot read the registry credentials "${file}": ${errorText(error)}`,
      { cause: error, hint: "See agent.pull.credentialsFile" },
    );
  }
}
