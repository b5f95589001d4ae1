import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { withFoundCredentials } from "../../mod/kubelet/mod.ts";

const UNSET = {
  endpoint: "https://127.0.0.1:10250",
  clientCertificate: null,
  clientKey: null,
  certificateAuthority: null,
  tokenFile: null,
};
const PKI = "/etc/kubernetes/pki";
const CLIENT = [`${PKI}/apiserver-kubelet-client.crt`, `${PKI}/apiserver-kubelet-client.key`];
const SIGNED_ITSELF = "/var/lib/kubelet/pki/kubelet.crt";

const found = (
  files: readonly string[],
  change: Partial<Record<keyof typeof UNSET, string>> = {},
) => withFoundCredentials({ ...UNSET, ...change }, (path) => files.includes(path));

describe("withFoundCredentials()", () => {
  it("takes kubeadm's certificate, and the kubelet's own as its authority", () => {
    assert.deepEqual(found([...CLIENT, SIGNED_ITSELF, `${PKI}/ca.crt`]), {
      endpoint: "https://127.0.0.1:10250",
      clientCertificate: CLIENT[0],
      clientKey: CLIENT[1],
      certificateAuthority: SIGNED_ITSELF,
      tokenFile: null,
    });
    assert.equal(found([...CLIENT, `${PKI}/ca.crt`]).certificateAuthority, `${PKI}/ca.crt`);
  });

  it("verifies a kubelet by its own certificate also where it is asked without one", () => {
    assert.deepEqual(found([SIGNED_ITSELF]), { ...UNSET, certificateAuthority: SIGNED_ITSELF });
    assert.deepEqual(found([SIGNED_ITSELF], { endpoint: "https://10.0.0.7:10250" }), {
      ...UNSET,
      endpoint: "https://10.0.0.7:10250",
    });
    assert.equal(found([SIGNED_ITSELF], { tokenFile: "/t" }).certificateAuthority, null);
  });

  it("leaves what is set, what is not whole, and a kubelet elsewhere alone", () => {
    assert.deepEqual(found([]), UNSET);
    assert.deepEqual(found(CLIENT.slice(0, 1)), UNSET);
    assert.equal(found(CLIENT, { tokenFile: "/t" }).clientCertificate, null);
    assert.equal(found(CLIENT, { endpoint: "https://10.0.0.7:10250" }).clientCertificate, null);
    assert.equal(found(CLIENT, { endpoint: "http://127.0.0.1:10255" }).clientCertificate, null);
    assert.equal(
      found([...CLIENT, SIGNED_ITSELF], { certificateAuthority: "/own.crt" }).certificateAuthority,
      "/own.crt",
    );
  });
});
