import { completionCommand } from "./completion.ts";
import { containersCommand } from "./containers.ts";
import { describeCommand } from "./describe.ts";
import { doctorCommand } from "./doctor.ts";
import { eventsCommand } from "./events.ts";
import { execCommand } from "./exec.ts";
import { getCommand } from "./get.ts";
import { helpCommand } from "./help.ts";
import { imagesCommand } from "./images.ts";
import { importCommand } from "./import.ts";
import { inspectCommand } from "./inspect.ts";
import { installCommand } from "./install.ts";
import { kubeletConfigCommand } from "./kubelet_config.ts";
import { logsCommand } from "./logs.ts";
import { overviewCommand } from "./overview.ts";
import { pkiCommands } from "./pki.ts";
import { pullCommand } from "./pull.ts";
import { reloadCommand } from "./reload.ts";
import { renderCommand } from "./render.ts";
import { restartCommand } from "./restart.ts";
import { serveCommand } from "./serve.ts";
import { servicesCommand } from "./services.ts";
import { statsCommand } from "./stats.ts";
import { uninstallCommand } from "./uninstall.ts";
import { validateCommand } from "./validate.ts";
import { versionCommand } from "./version.ts";

/** Every command by its name, in the order of the help. */
export const ROUTES = {
  commands: {
    overview: overviewCommand,
    get: getCommand,
    describe: describeCommand,
    events: eventsCommand,
    doctor: doctorCommand,
    containers: containersCommand,
    logs: logsCommand,
    services: servicesCommand,
    stats: statsCommand,
    restart: restartCommand,
    inspect: inspectCommand,
    exec: execCommand,
    images: imagesCommand,
    pull: pullCommand,
    validate: validateCommand,
    render: renderCommand,
    reload: reloadCommand,
    serve: serveCommand,
    install: installCommand,
    import: importCommand,
    pki: pkiCommands,
    uninstall: uninstallCommand,
    kubeletConfig: kubeletConfigCommand,
    completion: completionCommand,
    help: helpCommand,
    version: versionCommand,
  },
  aliases: { g: "get", c: "containers", log: "logs", why: "describe" },
} as const;
