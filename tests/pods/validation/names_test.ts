import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { ipFamily } from "../../../mod/pods/validation/ip.ts";
import * as names from "../../../mod/pods/validation/names.ts";

type Rule = (value: string) => names.Reasons;

const long = (length: number) => "a".repeat(length);

const RULES: readonly (readonly [
  name: string,
  rule: Rule,
  good: readonly string[],
  bad: readonly string[],
])[] = [
  ["dnsLabel", names.dnsLabel, ["a", "0", "a-b", long(63)], [
    "",
    "A",
    "-a",
    "a-",
    "a.b",
    "a_b",
    "a\n",
    long(64),
  ]],
  ["dnsSubdomain", names.dnsSubdomain, ["a", "a.b-c.d", "1.2", long(253)], [
    "",
    ".a",
    "a.",
    "a..b",
    "a.-b",
    "a_b",
    "A.b",
    "ä",
    long(254),
  ]],
  ["dnsSubdomainWithUnderscore", names.dnsSubdomainWithUnderscore, ["_a._tcp.b_c"], [
    "__a",
    "_",
    "a_",
    "A",
  ]],
  ["qualifiedName", names.qualifiedName, ["a", "A_b.c-D", "example.com/a", long(63)], [
    "",
    "/a",
    "a/",
    "a/b/c",
    "Example.com/a",
    "-a",
    "a b",
    long(64),
    `${long(254)}/a`,
  ]],
  ["labelValue", names.labelValue, ["", "a", "A_b.c-1", long(63)], ["-", "a b", "é", long(64)]],
  ["envVarName", names.envVarName, ["1A", "a b", "!", "~"], ["", "a=b", "é", "a\n", "\x7f"]],
  ["strictEnvVarName", names.strictEnvVarName, ["A_B", "a.b-c", ".a"], [
    "",
    "1A",
    "a b",
    ".",
    "..",
    "..a",
  ]],
  ["configMapKey", names.configMapKey, ["a", ".a", "A_b.c-1", long(253)], [
    "",
    ".",
    "..",
    "..a",
    "a/b",
    long(254),
  ]],
  ["portName", names.portName, ["a", "http-1", long(15)], [
    "",
    "1",
    "A",
    "a--b",
    "-a",
    "a-",
    "a_b",
    long(16),
  ]],
  ["httpHeaderName", names.httpHeaderName, ["X-Header-1"], ["", "a_b", "a b", "a:"]],
];

for (const [name, rule, good, bad] of RULES) {
  describe(`${name}()`, () => {
    for (const value of good) {
      it(`takes ${JSON.stringify(value.slice(0, 20))} of ${value.length}`, () =>
        assert.deepEqual(rule(value), []));
    }
    for (const value of bad) {
      it(`refuses ${JSON.stringify(value.slice(0, 20))} of ${value.length}`, () =>
        assert.notEqual(rule(value).length, 0));
    }
  });
}

describe("portNumber()", () => {
  it("takes 1 to 65535", () => {
    assert.deepEqual([1, 65535].map((port) => names.portNumber(port).length), [0, 0]);
    assert.deepEqual([0, 65536, -1].map((port) => names.portNumber(port).length), [1, 1, 1]);
  });
});

describe("userId()", () => {
  it("takes 0 to the greatest int32", () => {
    assert.deepEqual([0, 2147483647].map((id) => names.userId(id).length), [0, 0]);
    assert.deepEqual([-1, 2147483648, 2n ** 62n].map((id) => names.userId(id).length), [1, 1, 1]);
  });
});

describe("byteLength()", () => {
  it("agrees with the encoder", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
      assert.equal(names.byteLength(text), new TextEncoder().encode(text).length);
    }));
  });
});

describe("ipFamily()", () => {
  const families: readonly (readonly [text: string, family: 4 | 6 | undefined])[] = [
    ["10.0.0.1", 4],
    ["255.255.255.255", 4],
    ["010.000.00.1", 4],
    ["::", 6],
    ["::1", 6],
    ["1::", 6],
    ["2001:DB8::ffff", 6],
    ["1:2:3:4:5:6:7:8", 6],
    ["1:2:3:4:5:6:10.0.0.1", 6],
    ["::ffff:10.0.0.1", 4],
    ["", undefined],
    ["a", undefined],
    ["10.0.0", undefined],
    ["10.0.0.0.1", undefined],
    ["10.0.0.256", undefined],
    ["10.0.0.1 ", undefined],
    ["10.0.0.-1", undefined],
    ["1:2:3:4:5:6:7", undefined],
    ["1:2:3:4:5:6:7:8:9", undefined],
    ["1::2::3", undefined],
    ["1:2:3:4:5:6:7::8", undefined],
    ["::10000", undefined],
    [":1", undefined],
    ["1:", undefined],
    ["fe80::1%eth0", undefined],
    ["10.0.0.1::", undefined],
  ];
  for (const [text, family] of families) {
    it(`gives ${family} for ${JSON.stringify(text)}`, () => assert.equal(ipFamily(text), family));
  }
});
