/** Logins for image registries, as the kubelet finds and matches them. */
export * from "./credential_provider.ts";
export { loginsIn, patternsIn, type RegistryAuth, type RegistryLogin } from "./docker_config.ts";
export * from "./find_logins.ts";
export * from "./image_name.ts";
export * from "./login_book.ts";
export * from "./login_file.ts";
