import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { readIdentity } from "../../mod/kubelet/api_server.ts";
import { readCredentials } from "../../mod/kubelet/credentials.ts";
import { makeTempDir } from "../support/temp_dir.ts";

describe("What podstead shows to the kubelet and the API server", () => {
  it("is never waited for: a pipe and an endless device are refused by name", async () => {
    await using directory = await makeTempDir("credentials");
    const pipe = join(directory.path, "pipe");
    execFileSync("mkfifo", [pipe]);
    for (const path of [pipe, "/dev/zero"]) {
      const none = { clientCertificate: null, clientKey: null, certificateAuthority: null };
      await assert.rejects(
        readCredentials({ ...none, tokenFile: path }),
        new RegExp(`"${path}" \\(agent\\.kubelet\\.tokenFile\\): it is a device, pipe or socket`),
      );
      await assert.rejects(readIdentity(path), /it is a device, pipe or socket/);
    }
  });
});
