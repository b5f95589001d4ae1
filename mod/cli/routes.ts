import { containersCommand } from "./containers.ts";
import { getCommand } from "./get.ts";
import { reloadCommand } from "./reload.ts";
import { serveCommand } from "./serve.ts";
import { versionCommand } from "./version.ts";

/** Every command by its name, in the order of the help. */
export const ROUTES = {
  commands: {
    get: getCommand,
    containers: containersCommand,
    reload: reloadCommand,
    serve: serveCommand,
    version: versionCommand,
  },
  aliases: { g: "get", c: "containers" },
} as const;
