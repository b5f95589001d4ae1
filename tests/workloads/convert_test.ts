import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { otherDirectory, parsePublication } from "../../mod/workloads/mod.ts";
import { converted, kubeletErrors, leftOut, problems } from "./support.ts";

const CONTAINERS = "containers: [{name: c, image: 'i:1'}]";

const deployment = (spec: string, name = "web", pod = CONTAINERS) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec:\n  ${spec}\n` +
  `  template: {metadata: {labels: {app: ${name}}}, spec: {${pod}}}\n`;
const service = (spec: string, name = "web") =>
  `---\napiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {${spec}}\n`;
const publish = (...texts: readonly string[]) => ({ publications: texts.map(parsePublication) });

describe("readManifests()", () => {
  const cases: readonly (readonly [title: string, text: string, problem: string, says: RegExp])[] =
    [
      ["a syntax error", "kind: [", "1:7 yaml-unclosed", /./],
      [
        "an API version that is gone",
        "kind: Deployment\napiVersion: extensions/v1beta1\nmetadata: {name: a}\n",
        "2:13 unknown-api-version",
        /since 1\.16.*apps\/v1/s,
      ],
      [
        "a version that never was",
        "apiVersion: apps/v7\nkind: Deployment\n",
        "1:13 unknown-api-version",
        /apps\/v1/,
      ],
      [
        "no version",
        "kind: Deployment\nmetadata: {name: a}\n",
        "1:1 missing-api-version",
        /apps\/v1/,
      ],
      [
        "a misspelt kind",
        "apiVersion: apps/v1\nkind: Deploymnet\n",
        "2:7 unknown-kind",
        /"Deployment"/,
      ],
      ["a kind of nothing", "apiVersion: v1\nkind: Xyzzyplugh\n", "2:7 unknown-kind", /Xyzzyplugh/],
      ["no kind", "metadata: {name: a}\nspec: {}\n", "1:1 missing-kind", /no "kind"/],
      ["a list", "- a\n- b\n", "1:1 invalid-document", /no object/],
      [
        "no name",
        "apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n",
        "3:1 missing-name",
        /metadata\.name/,
      ],
      [
        "a compose file",
        "services:\n  web: {image: nginx}\n",
        "1:1 compose-file",
        /kompose convert/,
      ],
      [
        "a kustomization",
        "resources: [a.yaml]\nnamePrefix: x-\n",
        "1:1 kustomization",
        /kubectl kustomize/,
      ],
      [
        "a kustomization with its kind",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
        "2:1 kustomization",
        /kubectl kustomize/,
      ],
      ["a chart", "apiVersion: v2\nname: web\nversion: 1.0.0\n", "1:1 helm-chart", /helm template/],
      [
        "a template of helm",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n",
        "4:9 template",
        /helm template/,
      ],
      [
        "a template of OpenShift",
        "apiVersion: template.openshift.io/v1\nkind: Template\n",
        "2:1 template-object",
        /oc process/,
      ],
      ["a node config", "machine: {pods: []}\n", "1:1 node-config", /podstead apply/],
    ];
  for (const [title, text, problem, says] of cases) {
    it(`tells of ${title} with its place and the next step`, () => {
      const found = converted(text);
      assert.deepEqual(problems(found), [problem]);
      const [one] = found.findings.problems;
      assert.match(`${one?.message}\n${one?.wanted}\n${one?.hint}`, says);
    });
  }

  it("names objects of other controllers, and none is silently dropped", () => {
    const text = [
      "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: a}\n",
      "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}\n",
      "apiVersion: gateway.networking.k8s.io/v1\nkind: SomethingNew\nmetadata: {name: a}\n",
      "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n",
    ].join("---\n");
    const found = converted(text);
    assert.deepEqual(problems(found), []);
    assert.deepEqual(leftOut(found), [
      "Certificate default/a",
      "Service default/a",
      "SomethingNew default/a",
      "Namespace a",
    ]);
  });

  it("takes lists of any kind apart, and gives a namespace to what has none", () => {
    const text = "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n" +
      `- metadata: {name: a}\n  spec: {template: {spec: {${CONTAINERS}}}}\n`;
    const { pods, findings } = converted(text, {}, "prod");
    assert.deepEqual(findings.problems, []);
    assert.deepEqual(pods.map(({ namespace, name }) => [namespace, name]), [["prod", "a"]]);
    assert.deepEqual(pods[0]?.pod["metadata"], { name: "a", namespace: "prod" });
    assert.deepEqual(pods[0]?.placeOf(["spec", "containers", 0, "image"]), { line: 5, column: 58 });
  });
});

describe("otherDirectory()", () => {
  it("recognises charts and kustomizations, and nothing else", () => {
    assert.equal(otherDirectory("d", ["Chart.yaml", "values.yaml"])?.code, "helm-chart");
    assert.equal(otherDirectory("d", ["kustomization.yml"])?.code, "kustomization");
    assert.equal(otherDirectory("d", ["web.yaml"]), undefined);
  });
});

describe("convert()", () => {
  it("tells of a missing template, and of the field that may be meant", () => {
    const text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n";
    assert.deepEqual(problems(converted(`${text}spec: {replicas: 1}\n`)), ["4:1 missing-template"]);
    const misspelt = converted(`${text}spec:\n  tempalte: {}\n`);
    assert.deepEqual(problems(misspelt), ["5:3 unknown-key"]);
    assert.match(misspelt.findings.problems[0]?.hint ?? "", /"template"/);
  });

  it("makes numbered pods only where it is asked to, and nothing collides", () => {
    const text = deployment("replicas: 3");
    const one = converted(text);
    assert.deepEqual(one.pods.map(({ name }) => name), ["web"]);
    assert.deepEqual(leftOut(one), ["Deployment default/web spec.replicas"]);
    const three = converted(text, { replicas: true });
    assert.deepEqual(three.pods.map(({ name }) => name), ["web-0", "web-1", "web-2"]);
    assert.deepEqual(leftOut(three), []);
    assert.deepEqual(kubeletErrors(three), []);
    const mount = (more = "") =>
      `containers: [{name: c, image: 'i:1', volumeMounts: [{name: v, mountPath: /v${more}}]}], `;
    for (
      const pod of [
        `${CONTAINERS}, hostNetwork: true`,
        "containers: [{name: c, image: 'i:1', ports: [{containerPort: 80, hostPort: 80}]}]",
        `${mount()}volumes: [{name: v, hostPath: {path: /srv}}]`,
        `${mount()}volumes: [{name: v, persistentVolumeClaim: {claimName: v}}]`,
      ]
    ) {
      const found = converted(deployment("replicas: 2", "web", pod), {
        replicas: true,
        volumesDirectory: "/srv",
      });
      assert.equal(problems(found)[0], "5:13 replicas-collide", pod);
      const [note] = converted(deployment("replicas: 2", "web", pod), { volumesDirectory: "/srv" })
        .findings.notKept;
      assert.match(note?.why ?? "", /^it becomes one pod, not 2: all would /);
      assert.equal(note?.hint, undefined);
    }
    const readOnly = `${mount(", readOnly: true")}volumes: [{name: v, hostPath: {path: /srv}}]`;
    const shared = converted(deployment("replicas: 2", "web", readOnly), { replicas: true });
    assert.deepEqual(problems(shared), []);
    assert.deepEqual(
      problems(converted(deployment("replicas: 1000000"), { replicas: true })),
      ["5:13 too-many-pods"],
    );
    assert.deepEqual(problems(converted(deployment('replicas: "3"'))), ["5:13 invalid-value"]);
    const none = converted(deployment("replicas: 0"));
    assert.deepEqual([none.pods.length, leftOut(none)], [
      0,
      ["Deployment default/web spec.replicas"],
    ]);
  });

  it("wants a directory for claims, and lets no claim leave it", () => {
    const pod = (claim: string) =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  ${CONTAINERS}\n` +
      `  volumes: [{name: v, persistentVolumeClaim: {claimName: ${claim}}}]\n`;
    const missing = converted(pod("data"));
    assert.deepEqual(problems(missing), ["6:58 no-volumes-directory"]);
    assert.match(missing.findings.problems[0]?.hint ?? "", /--volumes/);
    for (const claim of ["../../etc", "a/b", "..", '""', "A"]) {
      const found = converted(pod(claim), { volumesDirectory: "/srv" });
      assert.doesNotMatch(JSON.stringify(found.pods), /hostPath/, claim);
    }
    assert.deepEqual(problems(converted(pod("../x"), { volumesDirectory: "/srv" })), [
      "6:58 invalid-value",
    ]);
  });

  it("publishes the Services that are asked for, by name, by port or all of them", () => {
    const ports = (name = "web", pod = CONTAINERS) => deployment("replicas: 1", name, pod);
    const text = ports() + service("selector: {app: web}, ports: [{port: 80, targetPort: 8080}]");
    const hostPorts = (...texts: readonly string[]) => {
      const { pods, findings } = converted(text, publish(...texts));
      assert.deepEqual(findings.problems, []);
      const [container] =
        (pods[0]?.pod["spec"] as { containers: { ports?: unknown }[] }).containers;
      return container?.ports;
    };
    assert.deepEqual(leftOut(converted(text)), ["Service default/web spec.ports"]);
    assert.deepEqual(hostPorts("all"), [{ containerPort: 8080, hostPort: 80 }]);
    assert.deepEqual(hostPorts("web"), [{ containerPort: 8080, hostPort: 80 }]);
    assert.deepEqual(hostPorts("9000:80"), [{ containerPort: 8080, hostPort: 9000 }]);
    assert.deepEqual(hostPorts("web/9000:80"), [{ containerPort: 8080, hostPort: 9000 }]);
    for (const wrong of ["other", "9000:81", "other/9000:80"]) {
      assert.throws(() => hostPorts(wrong), /fits no port/, wrong);
    }
    const nodePort = ports() +
      service("type: NodePort, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]");
    assert.match(JSON.stringify(converted(nodePort, publish("all")).pods), /"hostPort":30080/);
  });

  it("publishes a port once that two Services have, and nothing of none", () => {
    const text = deployment("replicas: 1") + service("selector: {app: web}, ports: [{port: 80}]") +
      service("selector: {app: web}, clusterIP: None, ports: [{port: 80}]", "headless");
    const found = converted(text, publish("all"));
    assert.match(JSON.stringify(found.pods), /"ports":\[{"containerPort":80,"hostPort":80}\]/);
    assert.deepEqual(problems(converted(deployment("replicas: 1"), publish("all"))), []);
  });

  it("refuses a Service's port that no pod has, or two pods would have", () => {
    const named = deployment("replicas: 1") +
      service("selector: {app: web}, ports: [{port: 80, targetPort: http}]");
    assert.deepEqual(problems(converted(named, publish("all"))), ["11:61 no-such-port"]);
    const host = deployment("replicas: 1", "web", `${CONTAINERS}, hostNetwork: true`) +
      service("selector: {app: web}, ports: [{port: 80, targetPort: 8080}]");
    assert.deepEqual(problems(converted(host, publish("all"))), ["11:45 host-network"]);
    assert.deepEqual(problems(converted(host, publish("8080:80"))), []);
    const two = deployment("replicas: 2") + service("selector: {app: web}, ports: [{port: 80}]");
    const found = converted(two, { ...publish("all"), replicas: true });
    assert.deepEqual(found.findings.problems.map(({ code }) => code), ["host-port-twice"]);
  });

  it("tells of Services that cannot be published", () => {
    const text = deployment("replicas: 1") +
      service("type: ExternalName, externalName: db.example.com", "db") +
      service("ports: [{port: 80}]", "outside") +
      service("selector: {app: none}, ports: [{port: 80}]", "none") +
      service("selector: {app: web}, clusterIP: None", "headless");
    assert.deepEqual(leftOut(converted(text)), [
      "Service default/db",
      "Service default/outside",
      "Service default/none",
      "Service default/headless",
    ]);
  });

  it("tells of annotations that stay with the workload, and keeps those of the pod", () => {
    const text = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  annotations:\n" +
      "    example.com/owner: me\n    deployment.kubernetes.io/revision: '3'\nspec:\n" +
      "  template: {metadata: {annotations: {kubectl.kubernetes.io/default-container: c}}, " +
      `spec: {${CONTAINERS}}}\n`;
    const found = converted(text);
    assert.deepEqual(leftOut(found), ["Deployment default/web metadata.annotations"]);
    assert.match(found.findings.notKept[0]?.why ?? "", /: example\.com\/owner$/);
    assert.match(JSON.stringify(found.pods), /default-container/);
  });

  it("refuses two objects, or two pods, of one name", () => {
    const text = `${deployment("replicas: 1")}---\n${deployment("replicas: 1")}`;
    assert.deepEqual(problems(converted(text)), ["10:18 duplicate-object"]);
    const pod = `---\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {${CONTAINERS}}\n`;
    assert.deepEqual(problems(converted(deployment("replicas: 1") + pod)), ["10:18 duplicate-pod"]);
  });

  it("judges ConfigMaps and Secrets where they stand, and quotes no line of a Secret", () => {
    const secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {pw: 'hunter2!'}\n";
    const found = converted(secret);
    assert.deepEqual(problems(found), ["4:12 invalid-base64"]);
    assert.doesNotMatch(JSON.stringify(found.findings.problems), /hunter2/);
  });

  it("leaves out tokens, and keeps what a pod has besides", () => {
    const token = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n" +
      "type: kubernetes.io/service-account-token\n";
    assert.deepEqual(leftOut(converted(token)), ["Secret default/a type"]);
  });
});

describe("parsePublication()", () => {
  it("rejects what names no port", () => {
    for (
      const text of ["", "80", "0:80", "80:70000", "Web", "web/80", "a:b", "-1:80", "80:80:80"]
    ) {
      assert.throws(() => parsePublication(text), /names no port/, text);
    }
  });
});
