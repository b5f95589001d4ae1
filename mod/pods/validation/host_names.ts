/**
 * The names that a pod has, and those that it can resolve.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/validation, `validatePodDNSConfig`,
 * `ValidateHostAliases`, `validatePodHostName`.
 */
import { forbidden, invalid, notSupported, required, tooLong } from "../issue.ts";
import type { FieldPath, PodIssue } from "../issue.ts";
import type { RuleOptions } from "../rules.ts";
import type { HostAlias, PodDNSConfig, PodSpec } from "../types/mod.ts";
import { validateIp } from "./ip.ts";
import {
  byteLength,
  dnsLabel,
  dnsSubdomain,
  dnsSubdomainWithUnderscore,
  pushInvalid,
} from "./names.ts";

/** What the resolver of glibc reads. */
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_BYTES = 2048;
/** What Linux takes for a host name. */
const MAX_HOSTNAME_BYTES = 64;

const DNS_POLICIES = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];

/** `dnsPolicy`, which has a default, so an empty one is no mistake of the file. */
export function validateDnsPolicy(policy: string, path: FieldPath, issues: PodIssue[]): void {
  if (policy === "") issues.push(required(path));
  else if (!DNS_POLICIES.includes(policy)) issues.push(notSupported(path, policy, DNS_POLICIES));
}

/** `dnsConfig`, which policy `None` wants. */
export function validateDnsConfig(
  config: PodDNSConfig | undefined,
  policy: string,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  if (config === undefined) {
    if (policy === "None") {
      issues.push(required(path, "must provide `dnsConfig` when `dnsPolicy` is None"));
    }
    return;
  }
  const { nameservers, searches, options: resolverOptions } = config;
  const servers = path.child("nameservers");
  if (policy === "None" && nameservers.length === 0) {
    issues.push(
      required(servers, "must provide at least one DNS nameserver when `dnsPolicy` is None"),
    );
    return;
  }
  if (nameservers.length > MAX_NAMESERVERS) {
    issues.push(
      invalid(servers, nameservers.join(", "), `must not have more than ${MAX_NAMESERVERS}`),
    );
  }
  for (const [index, server] of nameservers.entries()) {
    validateIp(server, options.strictIps, servers.index(index), issues);
  }
  validateSearches(searches, path.child("searches"), options, issues);
  for (const [index, { name }] of resolverOptions.entries()) {
    const place = path.child("options").index(index);
    if (name === "") issues.push(required(place, "must not be empty"));
  }
}

function validateSearches(
  searches: readonly string[],
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  if (searches.length > MAX_SEARCHES) {
    issues.push(
      invalid(path, `${searches.length} domains`, `must not have more than ${MAX_SEARCHES}`),
    );
  }
  const totalBytes = byteLength(searches.join(" "));
  if (totalBytes > MAX_SEARCH_BYTES) {
    issues.push(
      invalid(
        path,
        `${totalBytes} characters`,
        `must not have more than ${MAX_SEARCH_BYTES} characters with the spaces between`,
      ),
    );
  }
  for (const [index, search] of searches.entries()) {
    if (options.relaxedDnsSearch && search === ".") continue;
    const domain = search.replace(/\.$/, "");
    const reasons = options.relaxedDnsSearch
      ? dnsSubdomainWithUnderscore(domain)
      : dnsSubdomain(domain);
    pushInvalid(issues, path.index(index), domain, reasons);
  }
}

/** Lines of the hosts file. */
export function validateHostAliases(
  aliases: readonly HostAlias[],
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  for (const [index, alias] of aliases.entries()) {
    const place = path.index(index);
    validateIp(alias.ip, options.strictIps, place.child("ip"), issues);
    for (const [at, name] of alias.hostnames.entries()) {
      pushInvalid(issues, place.child("hostnames").index(at), name, dnsSubdomain(name));
    }
  }
}

/** `hostname`, `subdomain` and `hostnameOverride`. */
export function validateHostName(
  spec: PodSpec,
  path: FieldPath,
  issues: PodIssue[],
): void {
  for (const name of ["hostname", "subdomain"] as const) {
    if (spec[name] !== "") pushInvalid(issues, path.child(name), spec[name], dnsLabel(spec[name]));
  }
  const override = spec.hostnameOverride;
  if (override === undefined) return;
  const place = path.child("hostnameOverride");
  if (spec.setHostnameAsFQDN === true) {
    issues.push(forbidden(place, "may not be specified when setHostnameAsFQDN is true"));
  }
  if (spec.hostNetwork) {
    issues.push(forbidden(place, "may not be specified when hostNetwork is true"));
  }
  if (byteLength(override) > MAX_HOSTNAME_BYTES) {
    issues.push(tooLong(place, MAX_HOSTNAME_BYTES));
  }
  pushInvalid(issues, place, override, dnsSubdomain(override));
}
