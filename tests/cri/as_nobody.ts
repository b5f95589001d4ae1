/** Calls the runtime at argv[2] as an unprivileged user, and prints the error as JSON. */
import process from "node:process";
import { PodsteadError } from "../../mod/core/mod.ts";
import { connectRuntime, RuntimeService } from "../../mod/cri/mod.ts";

const NOBODY = 65534;
const runtime = connectRuntime({ endpoint: process.argv[2] ?? "" });
process.setgid?.(NOBODY);
process.setuid?.(NOBODY);
try {
  await runtime.call(RuntimeService.method.version, {});
  process.stdout.write("{}");
} catch (error) {
  if (!(error instanceof PodsteadError)) throw error;
  const { code, message, hint } = error;
  process.stdout.write(JSON.stringify({ code, message, hint }));
}
process.exit(0);
