import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { CONTAINER, rulesOn, warningsOn } from "./found.ts";

const IMAGES = [
  "${IMAGE}",
  "$IMAGE",
  "$(IMAGE)",
  "<IMAGE>",
  "<your image>",
  "%IMAGE%",
  "{{image}}",
  "{{ .Values.image }}:1",
  "{% if x %}a{% endif %}",
  "<%= image %>",
  "@IMAGE@",
  "__IMAGE__",
  "#{IMAGE}#",
  "((image))",
  "${{ parameters.image }}",
  "reg.example/{registry}/x:1",
  "reg.example/app:${TAG:-1}",
  "[[ .image ]]",
];

describe("judge() warnings on templates", () => {
  for (const image of IMAGES) {
    it(`name the image ${image}`, () => {
      assert.deepEqual(rulesOn({ containers: [{ name: "a", image }] }), [
        "template-in-value spec.containers[0].image",
      ]);
    });
  }

  it("name ports, hosts and addresses", () => {
    const livenessProbe = { httpGet: { host: "${HOST}", port: 80 } };
    const spec = {
      containers: [{ ...CONTAINER, livenessProbe, ports: [{ containerPort: 1, hostPort: 1 }] }],
      volumes: [{ name: "v", nfs: { server: "{{ nfs }}", path: "/x" } }],
    };
    assert.deepEqual(rulesOn(spec), [
      "template-in-value spec.containers[0].livenessProbe.httpGet.host",
      "template-in-value spec.volumes[0].nfs.server",
    ]);
  });

  it("name expressions in labels, selectors and tolerations", () => {
    const spec = { tolerations: [{ key: "a-{{ .Index }}", operator: "Exists" }] };
    const rules = rulesOn(spec, { labels: { color: "red" } });
    assert.deepEqual(rules, ["template-in-value spec.tolerations[0].key"]);
  });

  const words = (...args: string[]) => ({
    containers: [{ ...CONTAINER, command: ["/app"], args }],
  });

  it("name arguments that hold nothing else", () => {
    for (const word of ["{{ .Args }}", "--log={{.LogFile}}", "{% raw %}", "${X}", "--a=$X"]) {
      assert.equal(rulesOn(words(word)).length, 1, word);
    }
  });

  it("do not name what the program itself reads", () => {
    for (
      const word of [
        "$(X)",
        "--format={{.Names}}",
        "--template={{ range .items }}x{{ end }}",
        "echo ${X}; sleep 1",
        "a $5 b",
        "--config=${env:X} and more",
      ]
    ) {
      assert.deepEqual(rulesOn(words(word)), [], word);
    }
    const shell = { containers: [{ ...CONTAINER, command: ["sh", "-c"], args: ["$X"] }] };
    assert.deepEqual(rulesOn(shell), []);
  });

  it("say to write $(X) where the kubelet can replace it", () => {
    assert.match(warningsOn(words("--a=${PORT}"))[0]?.hint ?? "", /\$\(PORT\)/);
  });
});
