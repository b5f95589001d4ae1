import { describeRules } from "./found.ts";

const spec = (part: unknown) => part as never;

describeRules("validateDnsPolicy()", "spec.", spec, [
  ["ClusterFirst", { dnsPolicy: "ClusterFirst" }],
  ["ClusterFirstWithHostNet", { dnsPolicy: "ClusterFirstWithHostNet" }],
  ["Default", { dnsPolicy: "Default" }],
  ["another policy", { dnsPolicy: "clusterFirst" }, ["dnsPolicy: Unsupported value"]],
  ["None with a server", { dnsPolicy: "None", dnsConfig: { nameservers: ["10.0.0.10"] } }],
  ["None without a config", { dnsPolicy: "None" }, ["dnsConfig: Required value"]],
  ["None without a server", { dnsPolicy: "None", dnsConfig: { searches: ["a"] } }, [
    "dnsConfig.nameservers: Required value",
  ]],
]);

describeRules("validateDnsConfig()", "spec.dnsConfig.", (part) => ({ dnsConfig: part }), [
  ["three servers of both families", { nameservers: ["10.0.0.1", "::1", "2001:db8::ffff"] }],
  ["four servers", { nameservers: ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"] }, [
    "nameservers: Invalid value",
  ]],
  ["a name for a server", { nameservers: ["dns.example"] }, ["nameservers[0]: Invalid value"]],
  ["a leading zero", { nameservers: ["010.0.0.1"] }, ["nameservers[0]: Invalid value"]],
  ["an IPv4 address inside an IPv6 one", { nameservers: ["::ffff:10.0.0.1"] }, [
    "nameservers[0]: Invalid value",
  ]],
  ["32 search domains", { searches: Array(32).fill("a.example") }],
  ["33 search domains", { searches: Array(33).fill("a.example") }, ["searches: Invalid value"]],
  ["2048 characters of searches", {
    searches: [...Array(31).fill("a".repeat(63)), "a".repeat(64)],
  }],
  [
    "2049 characters of searches",
    { searches: [...Array(31).fill("a".repeat(63)), "a".repeat(65)] },
    [
      "searches: Invalid value",
    ],
  ],
  ["a search domain with dot and underscore", { searches: ["_sip._tcp.example.com.", "."] }],
  ["a bad search domain", { searches: ["a", "B"] }, ["searches[1]: Invalid value"]],
  ["an option", { options: [{ name: "ndots", value: "2" }] }],
  ["an option without a name", { options: [{ value: "2" }] }, ["options[0]: Required value"]],
]);

describeRules(
  "validateDnsConfig() before options and strict addresses",
  "spec.dnsConfig.",
  (part) => ({ dnsConfig: part }),
  [
    ["a leading zero", { nameservers: ["010.0.0.1", "::ffff:10.0.0.1"] }],
    ["no address", { nameservers: ["10.0.0"] }, ["nameservers[0]: Invalid value"]],
    ["an underscore", { searches: ["_tcp.example.com"] }, ["searches[0]: Invalid value"]],
    ["the root alone", { searches: ["."] }, ["searches[0]: Invalid value"]],
    ["a closing dot", { searches: ["example.com."] }],
  ],
  34,
);

describeRules(
  "validateHostAliases()",
  "spec.hostAliases[0].",
  (part) => ({ hostAliases: [part] }),
  [
    ["an address and names", { ip: "10.0.0.1", hostnames: ["a", "a.example"] }],
    ["an address alone", { ip: "::1" }],
    ["no address", { hostnames: ["a"] }, ["ip: Invalid value"]],
    ["a leading zero", { ip: "10.0.0.01" }, ["ip: Invalid value"]],
    ["a bad name", { ip: "10.0.0.1", hostnames: ["a", "A_B"] }, ["hostnames[1]: Invalid value"]],
  ],
);

describeRules("validateHostName()", "spec.", spec, [
  ["hostname and subdomain", { hostname: "web-0", subdomain: "web" }],
  ["dots in them", { hostname: "a.b", subdomain: "c.d" }, [
    "hostname: Invalid value",
    "subdomain: Invalid value",
  ]],
  ["an override of 64 characters", { hostnameOverride: "a".repeat(64) }],
  ["one of 65", { hostnameOverride: "a".repeat(65) }, ["hostnameOverride: Too long"]],
  ["an empty one", { hostnameOverride: "" }, ["hostnameOverride: Invalid value"]],
  ["an upper case one", { hostnameOverride: "Web" }, ["hostnameOverride: Invalid value"]],
  ["an override beside the FQDN", { hostnameOverride: "a.b", setHostnameAsFQDN: true }, [
    "hostnameOverride: Forbidden",
  ]],
  ["an override on the host's network", { hostnameOverride: "a.b", hostNetwork: true }, [
    "hostnameOverride: Forbidden",
  ]],
]);
