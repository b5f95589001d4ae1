import process from "node:process";
import { cli, processWorld } from "./mod/cli/mod.ts";

process.exit(await cli(process.argv.slice(2), processWorld()));
