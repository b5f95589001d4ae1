import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { PodsteadError, UsageError } from "../../../mod/core/mod.ts";
import { evaluateJsonPath, parseJsonPath } from "../../../mod/cli/output/mod.ts";

/** The list of the kubectl documentation, and the corners around it. */
const data = {
  kind: "List",
  items: [
    { kind: "None", metadata: { name: "127.0.0.1", labels: { "kubernetes.io/hostname": "a.b" } } },
    {
      kind: "None",
      metadata: { name: "127.0.0.2" },
      status: {
        capacity: { cpu: 8 },
        conditions: [{ type: "Ready", status: "True" }, { type: "Disk", status: "False" }],
      },
    },
  ],
  users: [
    { name: "myself", user: {} },
    { name: "e2e", user: { username: "admin", password: "secret" } },
  ],
  numbers: [10, 20, 30, 40, 50],
  nothing: null,
  empty: [],
  big: 9007199254740993n,
  flag: true,
  mixed: [{ v: 1 }, { v: 2.5 }, { w: 3 }, { v: 10n }],
};

const results: readonly (readonly [string, string])[] = [
  ["kind is {.kind}", "kind is List"],
  ["{.kind}", "List"],
  ["{$.kind}{@.kind}{ .kind }", "ListListList"],
  ["{['kind']}{[\"kind\"]}", "ListList"],
  [".kind", "List"],
  ["$.items[0].kind", "None"],
  ["no braces at all", "no braces at all"],
  ["", ""],
  ["{.numbers[0]} {.numbers[-1]} {.numbers[4]}", "10 50 50"],
  ["{.numbers[1:3]}", "20 30"],
  ["{.numbers[:2]}|{.numbers[3:]}|{.numbers[-2:]}|{.numbers[::2]}", "10 20|40 50|40 50|10 30 50"],
  ["{.numbers[0:5:3]}", "10 40"],
  ["{.numbers[2:2]}", ""],
  ["{.numbers[0,2,-1]}", "10 30 50"],
  ["{.numbers}", "[10,20,30,40,50]"],
  ["{.users[*].name}", "myself e2e"],
  ["{.users.*.name}", "myself e2e"],
  ["{.users[*]['name','user']}", 'myself e2e {} {"username":"admin","password":"secret"}'],
  ["{..name}", "127.0.0.1 127.0.0.2 myself e2e"],
  ["{.items..type}", "Ready Disk"],
  ["{.items..conditions[0].type}", "Ready"],
  ['{.users[?(@.name=="e2e")].user.password}', "secret"],
  ["{.users[?(@.name=='e2e')].user.password}", "secret"],
  ['{.users[?(@.name != "e2e")].name}', "myself"],
  ["{.users[?(@.user.username)].name}", "e2e"],
  ['{.items[*].status.conditions[?(@.type=="Ready")].status}', "True"],
  ["{.numbers[?(@ > 20)]}", "30 40 50"],
  ["{.numbers[?(@<=20)]}", "10 20"],
  ["{.mixed[?(@.v>=2)].v}", "2.5 10"],
  ["{.mixed[?(@.v==10)].v}", "10"],
  ["{.items[?(@.status.capacity.cpu==8)].metadata.name}", "127.0.0.2"],
  ['{range .items[*]}[{.metadata.name}]{"\\n"}{end}', "[127.0.0.1]\n[127.0.0.2]\n"],
  [
    '{range .items[*]}{.metadata.name}:{range .status.conditions[*]} {.type}={.status}{end}{"\\t"}{end}!',
    "127.0.0.1:\t127.0.0.2: Ready=True Disk=False\t!",
  ],
  ["{range .empty[*]}never{end}done", "done"],
  ["{.items[0].metadata.labels.kubernetes\\.io/hostname}", "a.b"],
  ["{.items[0].metadata.labels['kubernetes\\.io/hostname']}", "a.b"],
  ["{.items[0].metadata.labels['kubernetes.io/hostname']}", "a.b"],
  ["{.missing}{.missing.deeper[0]}", ""],
  ["{.nothing}|{.nothing.deeper}|{.nothing[0]}", "<nil>||"],
  ["{.big} {.flag}", "9007199254740993 true"],
  ["{.__proto__}{.constructor}{.items.length}", ""],
  ['{"a\\u0041\\x42\\\\\\"}"}', 'aAB\\"}'],
  ["{.users[1].user}", '{"username":"admin","password":"secret"}'],
  ["{@.numbers[0]}", "10"],
];

describe("evaluateJsonPath()", () => {
  for (const [template, wanted] of results) {
    it(`fills ${JSON.stringify(template)} in`, () => {
      assert.equal(evaluateJsonPath(parseJsonPath(template), data), wanted);
    });
  }

  it("gives the whole value for {.}", () => {
    assert.equal(evaluateJsonPath(parseJsonPath("{.}"), { a: [1] }), '{"a":[1]}');
  });

  const failures: readonly (readonly [string, RegExp])[] = [
    [
      "{.numbers[5]}",
      /^Cannot apply JSONPath: index 5 is outside the list of length 5 \(position 11\)$/,
    ],
    ["{.numbers[-6]}", /index -6 is outside/],
    ["{.numbers[0:6]}", /index 5 is outside the list of length 5/],
    ["{.numbers[3:1]}", /from 3 to 1 runs backwards/],
    ["{.kind[0]}", /\[0\] needs a list, found a string/],
    ["{.items[0][?(@.a)]}", /a filter needs a list, found an object/],
    ['{.numbers[?(@=="10")]}', /cannot compare a number with a string/],
    ["{.items[?(@..type==1)]}", /compares one value with one value/],
  ];
  for (const [template, wanted] of failures) {
    it(`refuses ${JSON.stringify(template)}`, () => {
      assert.throws(
        () => evaluateJsonPath(parseJsonPath(template), data),
        (error) => error instanceof PodsteadError && wanted.test(error.message),
      );
    });
  }
});

describe("parseJsonPath()", () => {
  const failures: readonly (readonly [string, string])[] = [
    ["{.kind", 'wanted "}", found the end (position 7)'],
    [".kind[0", 'wanted "]", found the end (position 8)'],
    ["{.numbers[x]}", "is missing between the brackets (position 11)"],
    ["{.numbers[1:3:0]}", "must be at least 1, current is 0 (position 11)"],
    ["{kind}", 'a field name begins with a dot; write ".kind" (position 2)'],
    ["{end}", '"end" without a "range" before it (position 2)'],
    ["a{range .items[*]}b", '"range" without an "end" after it (position 3)'],
    [
      '{.users[?(@.name=~"e")]}',
      'unknown operator "=~"; wanted ==, !=, <, <=, > or >= (position 17)',
    ],
    [
      '{.users[?(@.name=="e" && @.b)]}',
      "a filter has one comparison; chain two filters (position 23)",
    ],
    ['{.users[?(@.name=="e]}', "without its closing quote (position 19)"],
    ["{.a....b}", "more than two dots in a row (position 6)"],
    ["{.a[?()]}", "is missing (position 7)"],
    ['{"abc}', "without its closing quote (position 2)"],
  ];
  for (const [template, wanted] of failures) {
    it(`names what is wrong with ${JSON.stringify(template)}`, () => {
      assert.throws(
        () => parseJsonPath(template),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.ok(error.message.endsWith(wanted), error.message);
          assert.ok(error.message.startsWith("Cannot read JSONPath "), error.message);
          return true;
        },
      );
    });
  }

  it("never loops or crashes on broken text", () => {
    const whole = '{range .items[?(@.a=="b")]}x{.y[0:2,\'k\']}{"q\\n"}{end}';
    for (let cut = 0; cut <= whole.length; cut++) {
      for (const text of [whole.slice(0, cut), whole.slice(cut)]) {
        try {
          parseJsonPath(text);
        } catch (error) {
          assert.ok(error instanceof UsageError, String(error));
        }
      }
    }
  });
});
