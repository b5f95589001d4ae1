import type { Settings } from "../../config/mod.ts";
import { errorText } from "../../core/mod.ts";
import { localGet, portHolder, readSettingFile } from "../../os/mod.ts";
import type { DoctorFacts } from "../facts.ts";
import { ASK_TIMEOUT_MS, asked } from "./asked.ts";

/** Asks podstead's own manifest endpoint, with its token and without. */
export async function askEndpoint({ manifest }: Settings): Promise<DoctorFacts["endpoint"]> {
  const { tokenFile, url } = manifest;
  const token = tokenFile === null
    ? undefined
    : await asked(readSettingFile(tokenFile).then((text) => text.trim()));
  const status = (headers: Readonly<Record<string, string>>) =>
    asked(
      localGet(url, {
        method: "HEAD",
        headers: { "User-Agent": "podstead-doctor", ...headers },
        signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
      }).then((response) => response.status).catch((error: unknown) => {
        const refused = /ECONNREFUSED|ConnectionRefused/i.test(
          `${errorText(error)} ${error instanceof Error ? errorText(error.cause) : ""}`,
        );
        throw new Error(refused ? "connection refused" : errorText(error), { cause: error });
      }),
    );
  const header: Readonly<Record<string, string>> = token !== undefined && "value" in token
    ? { Authorization: `Bearer ${token.value}` }
    : {};
  const [withToken, withoutToken, holder] = await Promise.all([
    status(header),
    status({}),
    portHolder(manifest),
  ]);
  return { withToken, withoutToken, token, holder };
}
