export { readNdjson } from "../../admin/mod.ts";
