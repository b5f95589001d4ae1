import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parseProto } from "../../mod/grpc/proto/parse.ts";

const FILE = `syntax = "proto3";
package a.v1;
import "other.proto";
// About the service.
service Pods {
  rpc List(ListRequest) returns (stream Pod);
}
message ListRequest {}
message Pod {
  // How old.
  repeated int64 age_in_days = 18;
  map<string, string> labels = 2;
  a.types.Time time = 3;
}
enum State {
  OFF = 0;
}
`;

describe("parseProto()", () => {
  it("reads services, messages and enums", () => {
    assert.deepEqual(parseProto("pods", FILE), {
      name: "pods",
      package: "a.v1",
      imports: ["other"],
      declarations: [
        {
          kind: "service",
          name: "Pods",
          methods: [{ name: "List", input: "ListRequest", output: "Pod", isStream: true }],
        },
        { kind: "message", name: "ListRequest", fields: [] },
        {
          kind: "message",
          name: "Pod",
          fields: [
            {
              number: 18,
              name: "ageInDays",
              type: "int64",
              isRepeated: true,
              comment: "How old.",
            },
            { number: 2, name: "labels", type: "map", isRepeated: false, comment: "" },
            { number: 3, name: "time", type: "Time", isRepeated: false, comment: "" },
          ],
        },
        { kind: "enum", name: "State", values: [{ name: "OFF", number: 0 }] },
      ],
    });
  });

  for (
    const line of [
      "  oneof x {",
      "  string a = 1 [deprecated = true];",
      "  map<string, int32> a = 1;",
      "  message Inner {",
      'option go_package = "x";',
    ]
  ) {
    it(`refuses "${line.trim()}", which it does not understand, with its place`, () => {
      const text = `syntax = "proto3";\nmessage A {\n${line}\n}\n`;
      assert.throws(() => parseProto("a", text), /^SyntaxError: a:3: /);
    });
  }
});
