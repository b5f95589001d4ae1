import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { errorText, formatDuration, systemClock } from "../core/mod.ts";
import type { Credentials } from "./credentials.ts";
import { KubeletFailure } from "./failure.ts";
import { endOfCertificate, identityCheck, lookAtCertificate } from "./trust.ts";

/** One question to the kubelet. */
export interface KubeletRequest {
  readonly url: URL;
  readonly credentials: Credentials;
  /** Names besides the URL's host that the certificate may be for. */
  readonly names: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Where a kubelet keeps the certificate that it made for itself, and the authority of it. */
export const KUBELET_CERTIFICATE = "/var/lib/kubelet/pki/kubelet.crt";

/** More than thousands of pods need; an answer beyond it is not a kubelet's. */
const ANSWER_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Asks once, over a connection of its own.
 *
 * @returns the text of a 200
 * @throws {KubeletFailure} for everything else, or the signal's reason
 */
export async function ask(question: KubeletRequest): Promise<string> {
  const { url, credentials, timeoutMs, signal } = question;
  signal?.throwIfAborted();
  if (credentials.token !== undefined && url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw new KubeletFailure(
      "credentials",
      `The token is not sent to ${url.host} over plain HTTP, where others could read it`,
      { hint: "Write `https://` in `agent.kubelet.endpoint`, or take out `tokenFile`" },
    );
  }
  const deadline = AbortSignal.timeout(timeoutMs);
  let answer: { readonly status: number; readonly text: string };
  try {
    answer = await exchange(
      question,
      signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
    );
  } catch (thrown) {
    signal?.throwIfAborted();
    if (deadline.aborted) {
      throw new KubeletFailure(
        "timeout",
        `The kubelet at ${url.host} did not answer ${url.pathname} within ${
          formatDuration(timeoutMs)
        }`,
        { cause: thrown, hint: "It may hang or be busy. Check it with `systemctl status kubelet`" },
      );
    }
    throw await connectionFailure(question, thrown);
  }
  if (answer.status === 200) return answer.text;
  throw refusal(question, answer.status, answer.text.trim());
}

function exchange(
  { url, credentials, names }: KubeletRequest,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      method: "GET",
      agent: false,
      signal,
      headers: {
        Accept: "application/json",
        ...(credentials.token === undefined
          ? {}
          : { Authorization: `Bearer ${credentials.token}` }),
      },
    };
    const onAnswer = (incoming: IncomingMessage) => {
      const chunks: Uint8Array[] = [];
      let sizeBytes = 0;
      incoming.on("data", (chunk: Uint8Array) => {
        sizeBytes += chunk.byteLength;
        if (sizeBytes > ANSWER_LIMIT_BYTES) {
          outgoing.destroy(new Error(`the answer is larger than ${ANSWER_LIMIT_BYTES} bytes`));
        } else {
          chunks.push(chunk);
        }
      });
      incoming.on("error", reject);
      incoming.on("aborted", () => reject(new Error("the connection ended within the answer")));
      incoming.on("end", () =>
        resolve({
          status: incoming.statusCode ?? 0,
          text: Buffer.concat(chunks).toString("utf8"),
        }));
    };
    const { certificate, key, authority } = credentials;
    const outgoing: ClientRequest = url.protocol === "https:"
      ? httpsRequest(url, {
        ...options,
        // Its default comes from the environment (NODE_TLS_REJECT_UNAUTHORIZED).
        rejectUnauthorized: true,
        ...(authority === undefined ? {} : { ca: authority }),
        ...(certificate === undefined ? {} : { cert: certificate }),
        ...(key === undefined ? {} : { key }),
        checkServerIdentity: identityCheck(authority, names),
      }, onAnswer)
      : httpRequest(url, options, onAnswer);
    outgoing.on("error", reject);
    outgoing.end();
  });
}

async function connectionFailure(
  { url, credentials, timeoutMs }: KubeletRequest,
  thrown: unknown,
): Promise<KubeletFailure> {
  if (thrown instanceof KubeletFailure) return thrown;
  const text = errorText(thrown);
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  if (/^(ECONNREFUSED|ENOENT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/.test(code)) {
    return new KubeletFailure("refused", `No kubelet at ${url.host}: ${text}`, {
      cause: thrown,
      hint: url.port === "10255"
        ? "Is the kubelet running, and its readOnlyPort set to 10255? It is off by default"
        : "Is the kubelet running? Check it with `systemctl status kubelet`; if it listens elsewhere, set `agent.kubelet.endpoint`",
    });
  }
  if (isDistrust(code, text)) {
    const port = Number(url.port === "" ? 443 : url.port);
    const shown = await lookAtCertificate(url.hostname, port, timeoutMs);
    const what = shown === undefined
      ? ""
      : ` (${shown.subject}, ${
        shown.isSelfSigned ? "self-signed" : `issued by ${shown.issuer}`
      }, valid to ${shown.validTo}, SHA-256 ${shown.sha256})`;
    const wrongName = code === "ERR_TLS_CERT_ALTNAME_INVALID";
    // Not every TLS library tells an expired certificate from an unknown one.
    const expired = code === "CERT_HAS_EXPIRED" ||
      (shown !== undefined && Date.parse(shown.validTo) < systemClock.now());
    return new KubeletFailure(
      "untrusted",
      wrongName
        ? `The kubelet's certificate at ${url.host} is for another name${what}`
        : expired
        ? `The kubelet's certificate at ${url.host} has expired${what}`
        : credentials.authority === undefined
        ? `The kubelet's certificate at ${url.host} comes from no authority that this node trusts${what}`
        : `The kubelet's certificate at ${url.host} does not come from the configured authority${what}`,
      {
        cause: thrown,
        hint: expired
          ? "Let the kubelet renew it: restart it, or set rotateCertificates and serverTLSBootstrap"
          : wrongName
          ? "Put that very certificate into `agent.kubelet.certificateAuthority`, or set `agent.node.name` to the name it has"
          : `Set \`agent.kubelet.certificateAuthority\` to its authority, or to the certificate itself, often "${KUBELET_CERTIFICATE}"`,
      },
    );
  }
  if (
    url.protocol === "https:" &&
    /SSL|TLS|EPROTO|certificate|handshake|InvalidContentType/i.test(`${code} ${text}`)
  ) {
    return new KubeletFailure(
      "tls",
      `The TLS handshake with the kubelet at ${url.host} failed: ${text}`,
      {
        cause: thrown,
        hint: url.port === "10255"
          ? "Port 10255 is plain HTTP: write `http://` in `agent.kubelet.endpoint`"
          : "Check `agent.kubelet.endpoint`, `clientCertificate` and `clientKey`",
      },
    );
  }
  return new KubeletFailure("answer", `The kubelet at ${url.host} broke off: ${text}`, {
    cause: thrown,
    hint: url.protocol === "http:"
      ? "Port 10250 is HTTPS: write `https://` in `agent.kubelet.endpoint`"
      : "Was the kubelet restarted? Check it with `systemctl status kubelet`",
  });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** The codes of OpenSSL and its relatives for a certificate that is not believed. */
function isDistrust(code: string, text: string): boolean {
  return /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED|INVALID_CA|ERR_TLS_CERT_ALTNAME_INVALID)$/
    .test(code) || /UnknownIssuer|invalid peer certificate/.test(text);
}

function refusal(
  { url, credentials: { certificate, token } }: KubeletRequest,
  status: number,
  text: string,
): KubeletFailure {
  const where = `${url.host}${url.pathname}`;
  const shown = certificate !== undefined || token !== undefined;
  switch (status) {
    case 401: {
      const endMs = certificate === undefined ? undefined : endOfCertificate(certificate);
      if (endMs !== undefined && endMs <= systemClock.now()) {
        return new KubeletFailure(
          "unauthorized",
          `The client certificate that podstead shows the kubelet ended on ${
            new Date(endMs).toISOString()
          }: ${where} answered 401`,
          {
            hint: "Renew the certificate of `agent.kubelet.clientCertificate` (one of `podstead " +
              "pki` with `podstead pki renew`); it is read again at the next question",
          },
        );
      }
      return new KubeletFailure(
        "unauthorized",
        shown
          ? `The kubelet does not know who podstead is: ${where} answered 401`
          : `The kubelet wants to know who asks: ${where} answered 401`,
        {
          hint: shown
            ? "Is the client certificate from the kubelet's `authentication.x509.clientCAFile`? A bearer token needs an API server"
            : "Set `agent.kubelet.clientCertificate` and `clientKey`, from the kubelet's `authentication.x509.clientCAFile`",
        },
      );
    }
    case 403:
      return new KubeletFailure(
        "forbidden",
        `The kubelet refuses: ${where} answered 403: ${text}`,
        {
          hint:
            "Allow this user `nodes/proxy` in the API server, or give `agent.kubelet` a certificate that may; `podstead doctor` says what a kubelet without an API server needs",
        },
      );
    default:
      // Go's net/http: what its server answers in clear on a port that is for TLS.
      if (status === 400 && text.includes("HTTP request to an HTTPS server")) {
        return new KubeletFailure(
          "answer",
          `The kubelet at ${url.host} speaks HTTPS, and was asked over plain HTTP`,
          { hint: "Write `https://` in `agent.kubelet.endpoint`" },
        );
      }
      if (status === 500 && text.startsWith("Authorization error")) {
        return new KubeletFailure(
          "authorizer-down",
          `The kubelet cannot ask the API server whether podstead may read: ${where} answered 500: ${text}`,
          {
            hint:
              "It can again once its API server answers; until then the container runtime tells what it knows. `podstead doctor` says what a kubelet without an API server needs",
          },
        );
      }
      return new KubeletFailure(
        "answer",
        `The kubelet answered ${where} with ${status}${
          text === "" ? "" : `: ${text.slice(0, 200)}`
        }`,
        {
          hint: status === 404
            ? "Is it a kubelet that listens there? See `agent.kubelet.endpoint`"
            : "See the kubelet's log: `journalctl -u kubelet`",
        },
      );
  }
}
