/** etcd over gRPC: keys, transactions, watches, leases and users. */
export { connectEtcd } from "./client.ts";
export type { Etcd, EtcdOptions, EtcdStatus } from "./client.ts";
export type { KeyEvent, KeyRange, KeyState, Snapshot } from "./keys.ts";
export type { Condition, Step, TxnResult } from "./txn.ts";
export { absent, deleteKey, present, putKey, sameModRevision } from "./txn.ts";
export { Compacted } from "./compacted.ts";
export { follow } from "./follow.ts";
export type { Followed, FollowOptions } from "./follow.ts";
export { enableAuth } from "./auth.ts";
export type { EtcdRole, EtcdUser } from "./auth.ts";
