/** What is handed on when help is asked for: what to gather, without secrets, as one archive. */
export * from "./pack.ts";
export * from "./config_files.ts";
export * from "./redactor.ts";
export * from "./run_part.ts";
