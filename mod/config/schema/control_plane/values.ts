/** The kinds of value that the settings of the control plane have, besides those of `agent`. */
import { isIP } from "node:net";
import * as v from "valibot";
import type { JsonObject } from "../../../core/mod.ts";

/** A scalar where text is meant: YAML reads `v: 2` as a number. */
export const textLike = v.pipe(
  v.union([v.string(), v.number(), v.boolean()], "Expected a string"),
  v.transform(String),
);

/** A path from the root. */
export const absolutePath = v.pipe(v.string(), v.regex(/^\//, "Expected an absolute path"));

/** A port of the node. */
export const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));

const cidr = v.pipe(
  v.string(),
  v.regex(/^[0-9a-fA-F:.]+\/\d{1,3}$/, "Expected a CIDR such as 10.96.0.0/12"),
);

/** An address range of each IP family that the cluster has. */
export const subnets = v.pipe(
  v.array(cidr),
  v.maxLength(2, "Expected at most one CIDR per IP family"),
);

const DNS_NAME =
  /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i;

/** What a certificate can have as a name: a DNS name, also with `*` in front, or an address without a zone. */
export const certificateName = v.pipe(
  v.string(),
  v.check(
    (text) =>
      isIP(text) !== 0
        ? !text.includes("%")
        // With numbers alone at its end it is an address with a mistake in it.
        : text.length <= 253 && DNS_NAME.test(text) && !/(?:^|\.)\d+$/.test(text),
    "Expected a DNS name or an IP address (without a port, a mask or a zone)",
  ),
);

/** Where an HTTP server is. */
export const httpUrl = v.pipe(
  v.string(),
  v.regex(/^https?:\/\/[^/\s]+/, "Expected an http(s) URL"),
);

/** A release of Kubernetes, with or without its v. */
export const kubernetesVersion = v.pipe(
  v.string(),
  v.regex(/^v?1\.\d+\.\d+(?:[-+].*)?$/, "Expected a Kubernetes version such as v1.36.2"),
);

/** A document of another system, handed on as it is. */
export const jsonObject = v.pipe(
  v.record(v.string(), v.unknown()),
  // The input came out of YAML or JSON, so whatever is inside is JSON.
  v.transform((value) => value as JsonObject),
);
