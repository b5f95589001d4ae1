/** gRPC over HTTP/2: one client, and the codec of the messages that our .proto files declare. */
export { type GrpcCall, GrpcClient } from "./client.ts";
export { tcpTarget, tlsTarget, unixTarget } from "./target.ts";
export type { ClientCertificates, GrpcTarget, TlsTargetOptions } from "./target.ts";
export { GrpcCode, GrpcError } from "./error.ts";
export { encodeFrame, FrameReader, MAX_MESSAGE_BYTES } from "./frame.ts";
export { decodeMessage, encodeMessage, messageType } from "./wire.ts";
export type { Init, MessageType, Method } from "./wire.ts";
export { messageToJson } from "./wire_json.ts";
