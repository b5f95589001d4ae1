/**
 * The kinds of value a setting can have. Every message says what was wanted and
 * begins with "Expected", which is how `checkSettings` finds it.
 */
// A schema's type is what its builder returns, and valibot has no shorter name for it.
// deno-lint-ignore-file explicit-module-boundary-types
import * as v from "valibot";
import { nearest, parseDuration } from "../../core/mod.ts";
import { GATE_NAMES } from "../../pods/mod.ts";

/** A setting with its description; `restart` where it cannot be changed live. */
export const setting = <const T extends v.GenericSchema>(
  schema: T,
  description: string,
  about: { readonly restart?: boolean } = {},
) => v.pipe(schema, v.description(description), v.metadata({ restart: about.restart ?? false }));

/** A group of settings that may be left out. */
export const group = <const T extends v.ObjectEntries>(entries: T) => v.strictObject(entries);

const DURATION = "Expected a duration with its unit, such as 5s, 500ms or 1m30s";

/** A positive duration in Go's notation; its output is milliseconds. */
export const duration = v.pipe(
  v.string(DURATION),
  v.check((text) => (parseDuration(text) ?? 0) > 0, DURATION),
  v.transform((text) => parseDuration(text) ?? 0),
);

const PORT = "Expected a port from 1 to 65535";

/** A port that one can listen on, chosen and not left to the kernel. */
export const port = v.pipe(
  v.number(PORT),
  v.integer(PORT),
  v.minValue(1, PORT),
  v.maxValue(65535, PORT),
);

const ABSOLUTE_PATH = "Expected an absolute path, one that begins with /";

/** A path from the root. */
export const absolutePath = v.pipe(v.string(ABSOLUTE_PATH), v.regex(/^\//, ABSOLUTE_PATH));

const ENV_NAME = "Expected the name of a variable: letters, digits and _";

/** The name of an environment variable, as shells take it. */
export const envName = v.pipe(v.string(ENV_NAME), v.regex(/^[A-Za-z_]\w*$/, ENV_NAME));

const COMMAND_WORD = "Expected text that is not empty";

/** One word of a command line. */
export const commandWord = v.pipe(v.string(COMMAND_WORD), v.minLength(1, COMMAND_WORD));

const UNIX_ENDPOINT = "Expected a unix socket, such as unix:///run/containerd/containerd.sock";

/** A CRI endpoint. */
export const unixEndpoint = v.pipe(
  v.string(UNIX_ENDPOINT),
  v.regex(/^unix:\/\/\/[^\s?#]+$/, UNIX_ENDPOINT),
);

const HTTP_ENDPOINT = "Expected an address such as https://127.0.0.1:10250";

/** Scheme, host and port of an HTTP server, without a path. */
export const httpEndpoint = v.pipe(
  v.string(HTTP_ENDPOINT),
  v.regex(/^https?:\/\/(\[[0-9a-fA-F:.]+\]|[\w.-]+)(:\d{1,5})?\/?$/, HTTP_ENDPOINT),
  v.check((text) => URL.canParse(text), HTTP_ENDPOINT),
);

const LOOPBACK = "Expected a loopback address, 127.0.0.1 or ::1: manifests hold secrets";

/** An address that only this node can reach. */
export const loopbackAddress = v.pipe(
  v.string(LOOPBACK),
  v.regex(/^(127\.(\d{1,3}\.){2}\d{1,3}|::1)$/, LOOPBACK),
  v.ip(LOOPBACK),
);

const URL_PATH = "Expected a path of letters, digits and -._~/ that begins with /";

/** A URL path; not one of those that the endpoint itself answers. */
export const manifestPath = v.pipe(
  v.string(URL_PATH),
  v.regex(/^\/[\w.~/-]+$/, URL_PATH),
  v.check(
    (path) => !["/healthz", "/readyz", "/metrics"].includes(path),
    "Expected a path other than /healthz, /readyz and /metrics, which are taken",
  ),
);

const HOST_NAME = "Expected a host name in lower case, without a port";

/** A DNS name, an IPv4 address or an IPv6 address without brackets. */
export const hostName = v.pipe(
  v.string(HOST_NAME),
  v.regex(/^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:]+)$/, HOST_NAME),
  v.maxLength(253, HOST_NAME),
);

const NODE_NAME = 'Expected a node name: lower-case letters, digits, "-" and ".", at most 253';

/** A node's name: a DNS subdomain, as Kubernetes wants it. */
export const nodeName = v.pipe(
  v.string(NODE_NAME),
  v.regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, NODE_NAME),
  v.maxLength(253, NODE_NAME),
);

const IP_ADDRESS = "Expected an IP address";

/** An IPv4 or IPv6 address. */
export const ipAddress = v.pipe(v.string(IP_ADDRESS), v.ip(IP_ADDRESS));

// sun_path has 108 bytes with the closing NUL (unix(7)).
const MAX_SOCKET_PATH_BYTES = 107;
const SOCKET_PATH = `Expected an absolute path of at most ${MAX_SOCKET_PATH_BYTES} bytes`;

/** The path of a unix socket. */
export const socketPath = v.pipe(
  v.string(SOCKET_PATH),
  v.regex(/^\//, SOCKET_PATH),
  v.maxBytes(MAX_SOCKET_PATH_BYTES, SOCKET_PATH),
);

const KUBELET_VERSION = "Expected a version of Kubernetes such as 1.36 or 1.36.2";

/** `1.36`, `1.36.2`. */
export const kubeletVersion = v.pipe(
  v.string(KUBELET_VERSION),
  v.regex(/^1\.\d+(\.\d+)?$/, KUBELET_VERSION),
);

const GROUP = "Expected the name of a group";

/** A Unix group. */
export const groupName = v.pipe(v.string(GROUP), v.regex(/^[a-z_][a-z0-9_-]*\$?$/i, GROUP));

const PATTERN = "Expected a file pattern, such as pods.d/*.yaml";

/** A glob, relative to the config file. */
export const filePattern = v.pipe(v.string(PATTERN), v.nonEmpty(PATTERN));

/** One of a few words. */
export const oneOf = <const T extends readonly [string, string, ...string[]]>(words: T) =>
  v.picklist(words, `Expected ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`);

const FEATURE_GATES = "Expected a mapping of feature gates to true or false";

/** A mistyped gate would have no effect, and go unnoticed; of others kubelets have hundreds. */
const gateName = v.pipe(
  v.string(),
  v.check(
    (name) => GATE_NAMES.includes(name) || nearest(name, GATE_NAMES) === undefined,
    ({ input }) =>
      `Expected the name of a feature gate; did you mean "${nearest(input, GATE_NAMES)}"?`,
  ),
);

/** Feature gates of the kubelet, by name. */
export const featureGates = v.record(
  gateName,
  v.boolean("Expected a boolean, true or false"),
  FEATURE_GATES,
);

/** A list. */
export const listOf = <const T extends v.GenericSchema>(item: T, what: string) =>
  v.array(item, `Expected a list of ${what}`);

const FLEET_NAME = 'Expected a name of lower-case letters, digits and "-", at most 63';

/** The name of a fleet: a part of etcd's keys, and of a file's name. */
export const fleetName = v.pipe(
  v.string(FLEET_NAME),
  v.regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, FLEET_NAME),
);

const KEY_PREFIX =
  "Expected a path of letters, digits and -._/ that begins with / and ends without";

/** What etcd's keys begin with. */
export const keyPrefix = v.pipe(v.string(KEY_PREFIX), v.regex(/^(\/[\w.-]+)+$/, KEY_PREFIX));

const LABELS = "Expected a mapping of labels to texts, such as role: web";
const LABEL = /^[\w./-]{1,253}$/;

/** Labels of a node. */
export const labels = v.record(
  v.pipe(v.string(), v.regex(LABEL, LABELS)),
  v.pipe(v.string(LABELS), v.regex(/^[\w.-]{0,63}$/, LABELS)),
  LABELS,
);
