/** What of a journal entry is shown. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parseJournalEntry } from "../../mod/services/entry.ts";

const messageOf = (message: unknown) =>
  parseJournalEntry(
    JSON.stringify({ __REALTIME_TIMESTAMP: "1", __CURSOR: "c", MESSAGE: message }),
  )?.message.toString();

describe("parseJournalEntry()", () => {
  it("hides the token of staticPodURLHeader, in each way that a kubelet logs it", () => {
    const secret = "c2VjcmV0LXRva2Vu.x_y~z=";
    for (
      const message of [
        `FLAG: --manifest-url-header="Authorization:Bearer ${secret}"`,
        `config {"staticPodURLHeader":{"Authorization":["Bearer ${secret}"]}}`,
        `StaticPodURLHeader:map[Authorization:[Bearer  ${secret}]] rest`,
      ]
    ) {
      const shown = messageOf(message) ?? "";
      assert.equal(shown, message.replace(secret, "[hidden]"));
    }
  });

  it("leaves every other message as it is, bytes included", () => {
    assert.equal(messageOf("The bearer of news"), "The bearer of news");
    assert.equal(messageOf([66, 101, 97, 114, 101, 114, 32, 255]), "Bearer \ufffd");
  });
});
