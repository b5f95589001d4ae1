// Made from proto/etcd.proto by `deno task generate`: do not edit.
import { messageType, type MessageType, type Method } from "../../grpc/mod.ts";

/** etcdserverpb.CompareResult */
export const CompareResult = {
  EQUAL: 0,
  GREATER: 1,
  LESS: 2,
  NOT_EQUAL: 3,
} as const;
export type CompareResult = typeof CompareResult[keyof typeof CompareResult];

/** etcdserverpb.CompareTarget */
export const CompareTarget = {
  VERSION: 0,
  CREATE: 1,
  MOD: 2,
  VALUE: 3,
  LEASE: 4,
} as const;
export type CompareTarget = typeof CompareTarget[keyof typeof CompareTarget];

/** etcdserverpb.EventType */
export const EventType = {
  PUT: 0,
  DELETE: 1,
} as const;
export type EventType = typeof EventType[keyof typeof EventType];

/** etcdserverpb.PermissionType */
export const PermissionType = {
  READ: 0,
  WRITE: 1,
  READWRITE: 2,
} as const;
export type PermissionType = typeof PermissionType[keyof typeof PermissionType];

/** etcdserverpb.ResponseHeader */
export interface ResponseHeader {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly revision: bigint;
  readonly raftTerm: bigint;
}
export const ResponseHeaderSchema: MessageType<ResponseHeader> = messageType("ResponseHeader", {
  1: ["clusterId", "uint64"],
  2: ["memberId", "uint64"],
  3: ["revision", "int64"],
  4: ["raftTerm", "uint64"],
});

/** etcdserverpb.KeyValue */
export interface KeyValue {
  readonly key: Uint8Array;
  readonly createRevision: bigint;
  readonly modRevision: bigint;
  readonly version: bigint;
  readonly value: Uint8Array;
  readonly lease: bigint;
}
export const KeyValueSchema: MessageType<KeyValue> = messageType("KeyValue", {
  1: ["key", "bytes"],
  2: ["createRevision", "int64"],
  3: ["modRevision", "int64"],
  4: ["version", "int64"],
  5: ["value", "bytes"],
  6: ["lease", "int64"],
});

/** etcdserverpb.RangeRequest */
export interface RangeRequest {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
  readonly limit: bigint;
  readonly revision: bigint;
  readonly serializable: boolean;
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
}
export const RangeRequestSchema: MessageType<RangeRequest> = messageType("RangeRequest", {
  1: ["key", "bytes"],
  2: ["rangeEnd", "bytes"],
  3: ["limit", "int64"],
  4: ["revision", "int64"],
  7: ["serializable", "bool"],
  8: ["keysOnly", "bool"],
  9: ["countOnly", "bool"],
});

/** etcdserverpb.RangeResponse */
export interface RangeResponse {
  readonly header?: ResponseHeader | undefined;
  readonly kvs: readonly KeyValue[];
  readonly more: boolean;
  readonly count: bigint;
}
export const RangeResponseSchema: MessageType<RangeResponse> = messageType("RangeResponse", {
  1: ["header", "message", () => ResponseHeaderSchema],
  2: ["kvs", "message[]", () => KeyValueSchema],
  3: ["more", "bool"],
  4: ["count", "int64"],
});

/** etcdserverpb.PutRequest */
export interface PutRequest {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly lease: bigint;
}
export const PutRequestSchema: MessageType<PutRequest> = messageType("PutRequest", {
  1: ["key", "bytes"],
  2: ["value", "bytes"],
  3: ["lease", "int64"],
});

/** etcdserverpb.PutResponse */
export interface PutResponse {
  readonly header?: ResponseHeader | undefined;
}
export const PutResponseSchema: MessageType<PutResponse> = messageType("PutResponse", {
  1: ["header", "message", () => ResponseHeaderSchema],
});

/** etcdserverpb.DeleteRangeRequest */
export interface DeleteRangeRequest {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
}
export const DeleteRangeRequestSchema: MessageType<DeleteRangeRequest> = messageType("DeleteRangeRequest", {
  1: ["key", "bytes"],
  2: ["rangeEnd", "bytes"],
});

/** etcdserverpb.DeleteRangeResponse */
export interface DeleteRangeResponse {
  readonly header?: ResponseHeader | undefined;
  readonly deleted: bigint;
}
export const DeleteRangeResponseSchema: MessageType<DeleteRangeResponse> = messageType("DeleteRangeResponse", {
  1: ["header", "message", () => ResponseHeaderSchema],
  2: ["deleted", "int64"],
});

/** etcdserverpb.RequestOp */
export interface RequestOp {
  readonly requestRange?: RangeRequest | undefined;
  readonly requestPut?: PutRequest | undefined;
  readonly requestDeleteRange?: DeleteRangeRequest | undefined;
}
export const RequestOpSchema: MessageType<RequestOp> = messageType("RequestOp", {
  1: ["requestRange", "message", () => RangeRequestSchema],
  2: ["requestPut", "message", () => PutRequestSchema],
  3: ["requestDeleteRange", "message", () => DeleteRangeRequestSchema],
});

/** etcdserverpb.ResponseOp */
export interface ResponseOp {
  readonly responseRange?: RangeResponse | undefined;
  readonly responsePut?: PutResponse | undefined;
  readonly responseDeleteRange?: DeleteRangeResponse | undefined;
}
export const ResponseOpSchema: MessageType<ResponseOp> = messageType("ResponseOp", {
  1: ["responseRange", "message", () => RangeResponseSchema],
  2: ["responsePut", "message", () => PutResponseSchema],
  3: ["responseDeleteRange", "message", () => DeleteRangeResponseSchema],
});

/** etcdserverpb.Compare */
export interface Compare {
  readonly result: CompareResult;
  readonly target: CompareTarget;
  readonly key: Uint8Array;
  readonly version: bigint;
  readonly createRevision: bigint;
  readonly modRevision: bigint;
  readonly value: Uint8Array;
}
export const CompareSchema: MessageType<Compare> = messageType("Compare", {
  1: ["result", "enum", CompareResult],
  2: ["target", "enum", CompareTarget],
  3: ["key", "bytes"],
  4: ["version", "int64"],
  5: ["createRevision", "int64"],
  6: ["modRevision", "int64"],
  7: ["value", "bytes"],
});

/** etcdserverpb.TxnRequest */
export interface TxnRequest {
  readonly compare: readonly Compare[];
  readonly success: readonly RequestOp[];
  readonly failure: readonly RequestOp[];
}
export const TxnRequestSchema: MessageType<TxnRequest> = messageType("TxnRequest", {
  1: ["compare", "message[]", () => CompareSchema],
  2: ["success", "message[]", () => RequestOpSchema],
  3: ["failure", "message[]", () => RequestOpSchema],
});

/** etcdserverpb.TxnResponse */
export interface TxnResponse {
  readonly header?: ResponseHeader | undefined;
  readonly succeeded: boolean;
  readonly responses: readonly ResponseOp[];
}
export const TxnResponseSchema: MessageType<TxnResponse> = messageType("TxnResponse", {
  1: ["header", "message", () => ResponseHeaderSchema],
  2: ["succeeded", "bool"],
  3: ["responses", "message[]", () => ResponseOpSchema],
});

/** etcdserverpb.CompactionRequest */
export interface CompactionRequest {
  readonly revision: bigint;
  readonly physical: boolean;
}
export const CompactionRequestSchema: MessageType<CompactionRequest> = messageType("CompactionRequest", {
  1: ["revision", "int64"],
  2: ["physical", "bool"],
});

/** etcdserverpb.CompactionResponse */
export interface CompactionResponse {
  readonly header?: ResponseHeader | undefined;
}
export const CompactionResponseSchema: MessageType<CompactionResponse> = messageType("CompactionResponse", {
  1: ["header", "message", () => ResponseHeaderSchema],
});

/** etcdserverpb.Event */
export interface Event {
  readonly type: EventType;
  readonly kv?: KeyValue | undefined;
}
export const EventSchema: MessageType<Event> = messageType("Event", {
  1: ["type", "enum", EventType],
  2: ["kv", "message", () => KeyValueSchema],
});

/** etcdserverpb.WatchCreateRequest */
export interface WatchCreateRequest {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
  readonly startRevision: bigint;
  readonly progressNotify: boolean;
}
export const WatchCreateRequestSchema: MessageType<WatchCreateRequest> = messageType("WatchCreateRequest", {
  1: ["key", "bytes"],
  2: ["rangeEnd", "bytes"],
  3: ["startRevision", "int64"],
  4: ["progressNotify", "bool"],
});

/** etcdserverpb.WatchRequest */
export interface WatchRequest {
  readonly createRequest?: WatchCreateRequest | undefined;
}
export const WatchRequestSchema: MessageType<WatchRequest> = messageType("WatchRequest", {
  1: ["createRequest", "message", () => WatchCreateRequestSchema],
});

/** etcdserverpb.WatchResponse */
export interface WatchResponse {
  readonly header?: ResponseHeader | undefined;
  readonly watchId: bigint;
  readonly created: boolean;
  readonly canceled: boolean;
  readonly compactRevision: bigint;
  readonly cancelReason: string;
  readonly fragment: boolean;
  readonly events: readonly Event[];
}
export const WatchResponseSchema: MessageType<WatchResponse> = messageType("WatchResponse", {
  1: ["header", "message", () => ResponseHeaderSchema],
  2: ["watchId", "int64"],
  3: ["created", "bool"],
  4: ["canceled", "bool"],
  5: ["compactRevision", "int64"],
  6: ["cancelReason", "string"],
  7: ["fragment", "bool"],
  11: ["events", "message[]", () => EventSchema],
});

/** etcdserverpb.LeaseGrantRequest */
export interface LeaseGrantRequest {
  /** In seconds. */
  readonly ttl: bigint;
  readonly id: bigint;
}
export const LeaseGrantRequestSchema: MessageType<LeaseGrantRequest> = messageType("LeaseGrantRequest", {
  1: ["ttl", "int64"],
  2: ["id", "int64"],
});

/** etcdserverpb.LeaseGrantResponse */
export interface LeaseGrantResponse {
  readonly header?: ResponseHeader | undefined;
  readonly id: bigint;
  readonly ttl: bigint;
  readonly error: string;
}
export const LeaseGrantResponseSchema: MessageType<LeaseGrantResponse> = messageType("LeaseGrantResponse", {
  1: ["header", "message", () => ResponseHeaderSchema],
  2: ["id", "int64"],
  3: ["ttl", "int64"],
  4: ["error", "string"],
});

/** etcdserverpb.LeaseRevokeRequest */
export interface LeaseRevokeRequest {
  readonly id: bigint;
}
export const LeaseRevokeRequestSchema: MessageType<LeaseRevokeRequest> = messageType("LeaseRevokeRequest", {
  1: ["id", "int64"],
});

/** etcdserverpb.LeaseRevokeResponse */
export interface LeaseRevokeResponse {
  readonly header?: ResponseHeader | undefined;
}
export const LeaseRevokeResponseSchema: MessageType<LeaseRevokeResponse> = messageType("LeaseRevokeResponse", {
  1: ["header", "message", () => ResponseHeaderSchema],
});

/** etcdserverpb.LeaseKeepAliveRequest */
export interface LeaseKeepAliveRequest {
  readonly id: bigint;
}
export const LeaseKeepAliveRequestSchema: MessageType<LeaseKeepAliveRequest> = messageType("LeaseKeepAliveRequest", {
  1: ["id", "int64"],
});

/** etcdserverpb.LeaseKeepAliveResponse */
export interface LeaseKeepAliveResponse {
  readonly header?: ResponseHeader | undefined;
  readonly id: bigint;
  /** In seconds; 0 for a lease that is gone. */
  readonly ttl: bigint;
}
export const LeaseKeepAliveResponseSchema: MessageType<LeaseKeepAliveResponse> = messageType("LeaseKeepAliveResponse", {
  1: ["header", "message", () => ResponseHeaderSchema],
  2: ["id", "int64"],
  3: ["ttl", "int64"],
});

/** etcdserverpb.StatusRequest */
export interface StatusRequest {
}
export const StatusRequestSchema: MessageType<StatusRequest> = messageType("StatusRequest", {
});

/** etcdserverpb.StatusResponse */
export interface StatusResponse {
  readonly header?: ResponseHeader | undefined;
  readonly version: string;
  readonly dbSize: bigint;
  readonly leader: bigint;
  readonly raftIndex: bigint;
  readonly raftTerm: bigint;
  readonly errors: readonly string[];
}
export const StatusResponseSchema: MessageType<StatusResponse> = messageType("StatusResponse", {
  1: ["header", "message", () => ResponseHeaderSchema],
  2: ["version", "string"],
  3: ["dbSize", "int64"],
  4: ["leader", "uint64"],
  5: ["raftIndex", "uint64"],
  6: ["raftTerm", "uint64"],
  8: ["errors", "string[]"],
});

/** etcdserverpb.Member */
export interface Member {
  readonly id: bigint;
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
}
export const MemberSchema: MessageType<Member> = messageType("Member", {
  1: ["id", "uint64"],
  2: ["name", "string"],
  3: ["peerUrls", "string[]"],
  4: ["clientUrls", "string[]"],
});

/** etcdserverpb.MemberListRequest */
export interface MemberListRequest {
}
export const MemberListRequestSchema: MessageType<MemberListRequest> = messageType("MemberListRequest", {
});

/** etcdserverpb.MemberListResponse */
export interface MemberListResponse {
  readonly header?: ResponseHeader | undefined;
  readonly members: readonly Member[];
}
export const MemberListResponseSchema: MessageType<MemberListResponse> = messageType("MemberListResponse", {
  1: ["header", "message", () => ResponseHeaderSchema],
  2: ["members", "message[]", () => MemberSchema],
});

/** etcdserverpb.AuthEnableRequest */
export interface AuthEnableRequest {
}
export const AuthEnableRequestSchema: MessageType<AuthEnableRequest> = messageType("AuthEnableRequest", {
});

/** etcdserverpb.AuthEnableResponse */
export interface AuthEnableResponse {
  readonly header?: ResponseHeader | undefined;
}
export const AuthEnableResponseSchema: MessageType<AuthEnableResponse> = messageType("AuthEnableResponse", {
  1: ["header", "message", () => ResponseHeaderSchema],
});

/** etcdserverpb.UserAddOptions */
export interface UserAddOptions {
  readonly noPassword: boolean;
}
export const UserAddOptionsSchema: MessageType<UserAddOptions> = messageType("UserAddOptions", {
  1: ["noPassword", "bool"],
});

/** etcdserverpb.UserAddRequest */
export interface UserAddRequest {
  readonly name: string;
  readonly password: string;
  readonly options?: UserAddOptions | undefined;
}
export const UserAddRequestSchema: MessageType<UserAddRequest> = messageType("UserAddRequest", {
  1: ["name", "string"],
  2: ["password", "string"],
  3: ["options", "message", () => UserAddOptionsSchema],
});

/** etcdserverpb.UserAddResponse */
export interface UserAddResponse {
  readonly header?: ResponseHeader | undefined;
}
export const UserAddResponseSchema: MessageType<UserAddResponse> = messageType("UserAddResponse", {
  1: ["header", "message", () => ResponseHeaderSchema],
});

/** etcdserverpb.UserGrantRoleRequest */
export interface UserGrantRoleRequest {
  readonly user: string;
  readonly role: string;
}
export const UserGrantRoleRequestSchema: MessageType<UserGrantRoleRequest> = messageType("UserGrantRoleRequest", {
  1: ["user", "string"],
  2: ["role", "string"],
});

/** etcdserverpb.UserGrantRoleResponse */
export interface UserGrantRoleResponse {
  readonly header?: ResponseHeader | undefined;
}
export const UserGrantRoleResponseSchema: MessageType<UserGrantRoleResponse> = messageType("UserGrantRoleResponse", {
  1: ["header", "message", () => ResponseHeaderSchema],
});

/** etcdserverpb.RoleAddRequest */
export interface RoleAddRequest {
  readonly name: string;
}
export const RoleAddRequestSchema: MessageType<RoleAddRequest> = messageType("RoleAddRequest", {
  1: ["name", "string"],
});

/** etcdserverpb.RoleAddResponse */
export interface RoleAddResponse {
  readonly header?: ResponseHeader | undefined;
}
export const RoleAddResponseSchema: MessageType<RoleAddResponse> = messageType("RoleAddResponse", {
  1: ["header", "message", () => ResponseHeaderSchema],
});

/** etcdserverpb.Permission */
export interface Permission {
  readonly permType: PermissionType;
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
}
export const PermissionSchema: MessageType<Permission> = messageType("Permission", {
  1: ["permType", "enum", PermissionType],
  2: ["key", "bytes"],
  3: ["rangeEnd", "bytes"],
});

/** etcdserverpb.RoleGrantPermissionRequest */
export interface RoleGrantPermissionRequest {
  readonly name: string;
  readonly perm?: Permission | undefined;
}
export const RoleGrantPermissionRequestSchema: MessageType<RoleGrantPermissionRequest> = messageType("RoleGrantPermissionRequest", {
  1: ["name", "string"],
  2: ["perm", "message", () => PermissionSchema],
});

/** etcdserverpb.RoleGrantPermissionResponse */
export interface RoleGrantPermissionResponse {
  readonly header?: ResponseHeader | undefined;
}
export const RoleGrantPermissionResponseSchema: MessageType<RoleGrantPermissionResponse> = messageType("RoleGrantPermissionResponse", {
  1: ["header", "message", () => ResponseHeaderSchema],
});

/** etcdserverpb.KV */
export const KV: {
  readonly method: {
    readonly range: Method<RangeRequest, RangeResponse, "unary">;
    readonly txn: Method<TxnRequest, TxnResponse, "unary">;
    readonly compact: Method<CompactionRequest, CompactionResponse, "unary">;
  };
} = {
  method: {
    range: {
      kind: "unary",
      name: "Range",
      service: "etcdserverpb.KV",
      input: RangeRequestSchema,
      output: RangeResponseSchema,
    },
    txn: {
      kind: "unary",
      name: "Txn",
      service: "etcdserverpb.KV",
      input: TxnRequestSchema,
      output: TxnResponseSchema,
    },
    compact: {
      kind: "unary",
      name: "Compact",
      service: "etcdserverpb.KV",
      input: CompactionRequestSchema,
      output: CompactionResponseSchema,
    },
  },
};

/** etcdserverpb.Watch */
export const Watch: {
  readonly method: {
    readonly watch: Method<WatchRequest, WatchResponse, "stream">;
  };
} = {
  method: {
    watch: {
      kind: "stream",
      name: "Watch",
      service: "etcdserverpb.Watch",
      input: WatchRequestSchema,
      output: WatchResponseSchema,
    },
  },
};

/** etcdserverpb.Lease */
export const Lease: {
  readonly method: {
    readonly leaseGrant: Method<LeaseGrantRequest, LeaseGrantResponse, "unary">;
    readonly leaseRevoke: Method<LeaseRevokeRequest, LeaseRevokeResponse, "unary">;
    readonly leaseKeepAlive: Method<LeaseKeepAliveRequest, LeaseKeepAliveResponse, "stream">;
  };
} = {
  method: {
    leaseGrant: {
      kind: "unary",
      name: "LeaseGrant",
      service: "etcdserverpb.Lease",
      input: LeaseGrantRequestSchema,
      output: LeaseGrantResponseSchema,
    },
    leaseRevoke: {
      kind: "unary",
      name: "LeaseRevoke",
      service: "etcdserverpb.Lease",
      input: LeaseRevokeRequestSchema,
      output: LeaseRevokeResponseSchema,
    },
    leaseKeepAlive: {
      kind: "stream",
      name: "LeaseKeepAlive",
      service: "etcdserverpb.Lease",
      input: LeaseKeepAliveRequestSchema,
      output: LeaseKeepAliveResponseSchema,
    },
  },
};

/** etcdserverpb.Maintenance */
export const Maintenance: {
  readonly method: {
    readonly status: Method<StatusRequest, StatusResponse, "unary">;
  };
} = {
  method: {
    status: {
      kind: "unary",
      name: "Status",
      service: "etcdserverpb.Maintenance",
      input: StatusRequestSchema,
      output: StatusResponseSchema,
    },
  },
};

/** etcdserverpb.Cluster */
export const Cluster: {
  readonly method: {
    readonly memberList: Method<MemberListRequest, MemberListResponse, "unary">;
  };
} = {
  method: {
    memberList: {
      kind: "unary",
      name: "MemberList",
      service: "etcdserverpb.Cluster",
      input: MemberListRequestSchema,
      output: MemberListResponseSchema,
    },
  },
};

/** etcdserverpb.Auth */
export const Auth: {
  readonly method: {
    readonly authEnable: Method<AuthEnableRequest, AuthEnableResponse, "unary">;
    readonly userAdd: Method<UserAddRequest, UserAddResponse, "unary">;
    readonly userGrantRole: Method<UserGrantRoleRequest, UserGrantRoleResponse, "unary">;
    readonly roleAdd: Method<RoleAddRequest, RoleAddResponse, "unary">;
    readonly roleGrantPermission: Method<RoleGrantPermissionRequest, RoleGrantPermissionResponse, "unary">;
  };
} = {
  method: {
    authEnable: {
      kind: "unary",
      name: "AuthEnable",
      service: "etcdserverpb.Auth",
      input: AuthEnableRequestSchema,
      output: AuthEnableResponseSchema,
    },
    userAdd: {
      kind: "unary",
      name: "UserAdd",
      service: "etcdserverpb.Auth",
      input: UserAddRequestSchema,
      output: UserAddResponseSchema,
    },
    userGrantRole: {
      kind: "unary",
      name: "UserGrantRole",
      service: "etcdserverpb.Auth",
      input: UserGrantRoleRequestSchema,
      output: UserGrantRoleResponseSchema,
    },
    roleAdd: {
      kind: "unary",
      name: "RoleAdd",
      service: "etcdserverpb.Auth",
      input: RoleAddRequestSchema,
      output: RoleAddResponseSchema,
    },
    roleGrantPermission: {
      kind: "unary",
      name: "RoleGrantPermission",
      service: "etcdserverpb.Auth",
      input: RoleGrantPermissionRequestSchema,
      output: RoleGrantPermissionResponseSchema,
    },
  },
};
