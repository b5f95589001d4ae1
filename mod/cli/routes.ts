import { containersCommand } from "./containers.ts";
import { getCommand } from "./get.ts";
import { installCommand } from "./install.ts";
import { kubeletConfigCommand } from "./kubelet_config.ts";
import { reloadCommand } from "./reload.ts";
import { serveCommand } from "./serve.ts";
import { uninstallCommand } from "./uninstall.ts";
import { versionCommand } from "./version.ts";

/** Every command by its name, in the order of the help. */
export const ROUTES = {
  commands: {
    get: getCommand,
    containers: containersCommand,
    reload: reloadCommand,
    serve: serveCommand,
    install: installCommand,
    uninstall: uninstallCommand,
    kubeletConfig: kubeletConfigCommand,
    version: versionCommand,
  },
  aliases: { g: "get", c: "containers" },
} as const;
