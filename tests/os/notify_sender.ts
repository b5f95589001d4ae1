/** What the test of the notify socket runs on each runtime: says that it is up, then that it reloads. */
import process from "node:process";
import { createNotifier } from "../../mod/os/mod.ts";

const notifier = await createNotifier({
  env: process.env,
  pid: process.pid,
  onProblem: (message) => {
    throw new Error(message);
  },
});
await notifier.ready("up");
await notifier.reloading("again");
