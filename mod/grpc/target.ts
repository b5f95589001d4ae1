/** Where gRPC servers are: behind a unix socket, TCP, or TLS with certificates on both sides. */
import * as net from "node:net";
import * as tls from "node:tls";

/** Where a server is, and how it is reached. */
export interface GrpcTarget {
  /** As the server shall be called, such as `http://localhost`. */
  readonly authority: string;
  /** Begins to connect; errors come as the socket's `error`. */
  readonly connect: () => net.Socket;
}

/** A server behind a unix socket. */
export function unixTarget(path: string): GrpcTarget {
  // Servers in Go take "localhost" as an authority, not the path of a socket.
  return { authority: "http://localhost", connect: () => net.connect(path) };
}

/** Certificates of a client, in PEM. */
export interface ClientCertificates {
  /** The authority that the server's certificate is checked against. */
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Where a client connects to, and what it shows there. */
export interface TlsTargetOptions {
  readonly host: string;
  readonly port: number;
  /** Asked for each connection: renewed certificates are taken up. @throws if they cannot be read */
  readonly certificates: () => ClientCertificates;
}

/** A server behind TCP, without any protection. */
export function tcpTarget(host: string, port: number): GrpcTarget {
  return { authority: `http://${inUrl(host)}:${port}`, connect: () => net.connect(port, host) };
}

/** A server behind TLS, to which the client shows its certificate. */
export function tlsTarget({ host, port, certificates }: TlsTargetOptions): GrpcTarget {
  return {
    authority: `https://${inUrl(host)}:${port}`,
    connect: () =>
      tls.connect({
        host,
        port,
        ...certificates(),
        // Its default comes from the environment (NODE_TLS_REJECT_UNAUTHORIZED).
        rejectUnauthorized: true,
        // A name is sent and checked; an address is only checked (RFC 6066).
        ...(net.isIP(host) === 0 ? { servername: host } : {}),
        ALPNProtocols: ["h2"],
        minVersion: "TLSv1.2",
      }),
  };
}

function inUrl(host: string): string {
  return net.isIPv6(host) ? `[${host}]` : host;
}
