import { errorText } from "../core/mod.ts";
import { readSettingFile } from "../os/mod.ts";
import { KubeletFailure } from "./failure.ts";

/** Paths of the files that a kubelet is asked with; null and undefined alike are "not set". */
export interface CredentialFiles {
  /** PEM of the certificate that podstead shows. */
  readonly clientCertificate?: string | null;
  /** PEM of its key. */
  readonly clientKey?: string | null;
  /** PEM of the authority, or of the kubelet's certificate itself. */
  readonly certificateAuthority?: string | null;
  /** A bearer token. */
  readonly tokenFile?: string | null;
}

/** What is in them; undefined if one is not set. */
export interface Credentials {
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly authority: string | undefined;
  readonly token: string | undefined;
}

/**
 * Reads the files again, so that a rotated certificate or token is used at
 * the next request.
 *
 * @throws {KubeletFailure} `credentials` that names the setting and the file
 */
export async function readCredentials(files: CredentialFiles): Promise<Credentials> {
  const read = async (setting: keyof CredentialFiles): Promise<string | undefined> => {
    const path = files[setting];
    if (path === undefined || path === null) return undefined;
    let text: string;
    try {
      text = await readSettingFile(path);
    } catch (thrown) {
      throw new KubeletFailure(
        "credentials",
        `Cannot read "${path}" (agent.kubelet.${setting}): ${errorText(thrown)}`,
        { cause: thrown, hint: "Correct the path in the config, or let podstead read the file" },
      );
    }
    if (text.trim() === "") {
      throw new KubeletFailure(
        "credentials",
        `The file "${path}" (agent.kubelet.${setting}) is empty`,
        { hint: "Write it again, or take the setting out of the config" },
      );
    }
    return text;
  };
  const [certificate, key, authority, token] = await Promise.all([
    read("clientCertificate"),
    read("clientKey"),
    read("certificateAuthority"),
    read("tokenFile"),
  ]);
  return { certificate, key, authority, token: token?.trim() };
}
