import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";

interface CredentialProviderFlags {
  readonly logins?: string;
}

/** A request has some hundred bytes; a token of a service account is the longest part of one. */
const MAX_REQUEST_BYTES = 1024 * 1024;

export const credentialProviderCommand = defineCommand<CredentialProviderFlags>({
  docs: {
    brief: "Give the kubelet registry logins for its own pulls",
    fullDescription: [
      "Reads a CredentialProviderRequest from standard input and answers with the logins for its",
      "image: those of the imagePullSecrets of the node's pods, then those of",
      "agent.pull.credentialsFile. The agent leaves them in a file on a tmpfs, readable by root",
      "only, so the answer is there also while the agent is stopped. Without that file, because",
      "the node has no login or the agent has not run since the boot, the answer is empty.",
      "",
      '"podstead install" writes /etc/podstead/credential-provider.yaml for it. The kubelet needs:',
      "  --image-credential-provider-config=/etc/podstead/credential-provider.yaml",
      "  --image-credential-provider-bin-dir=/usr/local/bin",
    ].join("\n"),
  },
  parameters: {
    flags: {
      logins: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "File with the logins (default /run/podstead/registry-logins.json)",
        placeholder: "FILE",
      },
    },
  },
  examples: [["podstead credential-provider < request.json", "ask as the kubelet does"]],
  async func(this: CliContext, { logins: path }) {
    const {
      credentialResponse,
      DEFAULT_LOGIN_FILE,
      findLogins,
      parseCredentialRequest,
      readLoginFile,
    } = await import("../../../registry/mod.ts");
    const { readStdin, stderr, stdout } = this.world;
    const request = parseCredentialRequest(
      new TextDecoder().decode(await readStdin(MAX_REQUEST_BYTES)),
    );
    const file = await readLoginFile(path ?? DEFAULT_LOGIN_FILE) ??
      { pods: [], credentialsFile: null };
    // The kubelet reads its own files itself.
    const find = (credentialsFile: string | null) =>
      findLogins(request.image, { pods: file.pods, credentialsFile, kubeletFiles: [] });
    const logins = await find(file.credentialsFile).catch(async (error: Error) => {
      stderr.write(`${error.message}\n`); // the logins of pods can be used nevertheless
      return await find(null);
    });
    stdout.write(`${credentialResponse(request, logins)}\n`);
  },
});
