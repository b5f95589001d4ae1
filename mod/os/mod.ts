/** What differs between machines and runtimes: files, sockets, log, build facts. */
export * from "./atomic_file.ts";
export * from "./directory_lock.ts";
export * from "./executable.ts";
export * from "./held_sockets.ts";
export * from "./log.ts";
export * from "./node_facts.ts";
export * from "./node_files.ts";
export * from "./peer_finder.ts";
export * from "./port_holder.ts";
export * from "./regular_file.ts";
export * from "./runtime.ts";
export * from "./systemd.ts";
export * from "./tcp_table.ts";
export * from "./time_limit.ts";
export * from "./unix_get.ts";
export * from "./unix_peer.ts";
export * from "./unix_socket.ts";
