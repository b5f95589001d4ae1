import { spawn } from "node:child_process";
import { DEFAULT_SOCKET, readSocket } from "../../../api/client/mod.ts";
import { buildInfo } from "../../../os/runtime.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { standardStreams } from "../../shell/world.ts";

interface DialFlags {
  readonly noSudo: boolean;
}

export const dialStdioCommand = defineCommand<DialFlags>({
  docs: {
    brief: "Connect standard input and output to the agent; what -N runs on a node over ssh",
    fullDescription: [
      "Speaks a protocol of podstead's own, for podstead. Where this user may not use the admin",
      'socket it continues as root, if "sudo -n podstead dial-stdio" is allowed without a password;',
      "else it offers what the read socket does.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      noSudo: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Do not try sudo",
      },
    },
  },
  examples: [["ssh NODE podstead dial-stdio", "what -N NODE does"]],
  async func(this: CliContext, { noSudo }) {
    const { dialStdio, knock } = await import("../../../fleet/link/mod.ts");
    const path = this.globals.socket ?? DEFAULT_SOCKET;
    if (!noSudo && await knock(path) === "denied" && await asRoot(path)) return;
    await dialStdio({
      ...standardStreams(),
      sockets: [{ path, access: "admin" }, { path: readSocket(path), access: "read" }],
      version: buildInfo().version,
    });
  },
});

/** What sudo says if it may not run the command without a password, or at all. */
const REFUSED = 1;

/** Continues as root until the input ends. @returns false if sudo refuses, before it read any */
async function asRoot(socket: string): Promise<boolean> {
  const command = ["-n", "podstead", "dial-stdio", "--no-sudo", "--socket", socket];
  const child = spawn("sudo", command, { stdio: ["inherit", "inherit", "ignore"] });
  const code = await new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(REFUSED)); // there is no sudo
    child.once("close", resolve);
  });
  return code !== REFUSED;
}
