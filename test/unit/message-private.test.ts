import { describe, expect, it } from "vitest";
import { encodeWhole } from "../../bindings/codec/writer.ts";
import {
  authenticatedContentTbm,
  confirmedTranscriptHashInput,
  decodeAuthenticatedContent,
  encodeAuthenticatedContent,
  framedContentTbs,
  interimTranscriptHashInput,
  writeFramedContent,
  type Content,
  type FramedContentAuthData,
  type Sender,
} from "../../bindings/message/framing.ts";
import { encodeGroupContext } from "../../bindings/message/groupcontext.ts";
import {
  decodeSenderData,
  encodePrivateContentAAD,
  encodePrivateMessageContent,
  encodeSenderData,
  encodeSenderDataAAD,
  privateAuthenticatedContent,
  readPrivateMessageContent,
} from "../../bindings/message/privatemessage.ts";
import { toHex } from "../support/bytes.ts";
import { u16, u64, vector } from "../support/leaf.ts";
import * as samples from "../support/samples.ts";

const malformed = (rule: string): unknown => expect.objectContaining({ code: "ERR_MALFORMED", rule });
const concat = (...parts: (number[] | Uint8Array)[]): string =>
  toHex(Uint8Array.from(parts.flatMap((part) => [...part])));

const contents: Content[] = [
  { kind: "application", applicationData: Uint8Array.of(1, 2, 3) },
  { kind: "proposal", proposal: samples.proposals[0]! },
  { kind: "commit", commit: samples.commit },
];
const authOf = (content: Content): FramedContentAuthData => ({
  signature: Uint8Array.of(7, 7),
  confirmationTag: content.kind === "commit" ? Uint8Array.of(8) : undefined,
});

describe("PrivateMessageContent", () => {
  it("MLS-6.3.1-03 takes what is left for padding", () => {
    for (const content of contents) {
      for (const padding of [0, 1, 1000]) {
        const bytes = encodePrivateMessageContent({ content, auth: authOf(content), padding });
        const back = readPrivateMessageContent(bytes, content.kind);
        expect(back).toEqual({ content, auth: authOf(content), padding });
        expect(toHex(encodePrivateMessageContent(back))).toBe(toHex(bytes));
      }
    }
  });

  it("MLS-6.3.1-02 wants every byte of padding zero", () => {
    const content = contents[0]!;
    const bytes = encodePrivateMessageContent({ content, auth: authOf(content), padding: 5 });
    for (let i = 1; i <= 5; i++) {
      for (const value of [1, 0x80]) {
        const wrong = bytes.with(bytes.length - i, value);
        expect(() => readPrivateMessageContent(wrong, "application")).toThrow(malformed("MLS-6.3.1-02"));
      }
    }
  });

  it("MLS-6.1-08 has a confirmation tag in a commit alone", () => {
    const commit = encodePrivateMessageContent({ content: contents[2]!, auth: authOf(contents[2]!), padding: 0 });
    expect(() => readPrivateMessageContent(commit.subarray(0, -2), "commit")).toThrow(malformed("MLS-6.1-08"));
    const application = contents[0]!;
    const auth = { signature: Uint8Array.of(7), confirmationTag: Uint8Array.of(8) };
    expect(() => encodePrivateMessageContent({ content: application, auth, padding: 0 })).toThrow(TypeError);
    // A tag that must not be there is padding that is not zero.
    const tagged = Uint8Array.from([...vector([1]), ...vector([7]), ...vector([8])]);
    expect(() => readPrivateMessageContent(tagged, "application")).toThrow(malformed("MLS-6.3.1-02"));
  });

  it("refuses every prefix that cuts into content or auth", () => {
    for (const content of contents) {
      const bytes = encodePrivateMessageContent({ content, auth: authOf(content), padding: 0 });
      for (let length = 0; length < bytes.length; length++) {
        expect(() => readPrivateMessageContent(bytes.subarray(0, length), content.kind)).toThrow(
          expect.objectContaining({ code: "ERR_MALFORMED" }),
        );
      }
    }
  });

  it("MLS-6-10 DEF-16 is verified as the received bytes under wire format 2 and the member's index", () => {
    for (const content of contents) {
      const plaintext = encodePrivateMessageContent({ content, auth: authOf(content), padding: 3 });
      const { groupId, epoch, authenticatedData } = samples.privateMessage;
      const sender: Sender = { kind: "member", leafIndex: 9 };
      const framed = { groupId, epoch, sender, authenticatedData, content };
      const authenticated = privateAuthenticatedContent(
        samples.privateMessage,
        9,
        readPrivateMessageContent(plaintext, content.kind),
      );
      expect(authenticated).toEqual({ wireFormat: 2, content: framed, auth: authOf(content) });
      expect(authenticated.content.encoded !== undefined).toBe(content.kind !== "application");
      expect(toHex(encodeWhole(authenticated.content, writeFramedContent))).toBe(
        toHex(encodeWhole(framed, writeFramedContent)),
      );
    }
  });
});

describe("structs around large content", () => {
  it("are written into a buffer of exactly their length, which is not copied", () => {
    const { groupId, epoch, authenticatedData } = samples.privateMessage;
    const content: Content = { kind: "application", applicationData: new Uint8Array(100_000) };
    const framed = { groupId, epoch, sender: { kind: "member", leafIndex: 9 }, authenticatedData, content } as const;
    const whole = { wireFormat: 2, content: framed, auth: authOf(content) };
    for (const bytes of [
      framedContentTbs(2, framed, samples.groupContext),
      authenticatedContentTbm(whole, samples.groupContext),
      confirmedTranscriptHashInput(whole),
      encodeAuthenticatedContent(whole),
      encodePrivateMessageContent({ content, auth: authOf(content), padding: 7 }),
    ]) {
      expect(bytes.length).toBeGreaterThan(100_000);
      expect(bytes.buffer.byteLength).toBe(bytes.length);
    }
  });
});

describe("SenderData", () => {
  const senderData = { leafIndex: 0xffff_ffff, generation: 0x8000_0000, reuseGuard: Uint8Array.of(1, 2, 3, 4) };

  it("has twelve bytes", () => {
    const bytes = encodeSenderData(senderData);
    expect(toHex(bytes)).toBe("ffffffff8000000001020304");
    expect(decodeSenderData(bytes)).toEqual(senderData);
    expect(() => encodeSenderData({ ...senderData, reuseGuard: new Uint8Array(3) })).toThrow(RangeError);
  });

  it("MLS-6.3.2-05 has no bytes left over", () => {
    const bytes = encodeSenderData(senderData);
    expect(() => decodeSenderData(Uint8Array.from([...bytes, 0]))).toThrow(malformed("MLS-6.3.2-05"));
    expect(() => decodeSenderData(bytes.subarray(0, -1))).toThrow(malformed("MLS-2.1-01"));
  });
});

describe("what is authenticated", () => {
  const { privateMessage, groupContext } = samples;
  const header = [...vector(privateMessage.groupId), ...u64(3n), 3];

  it("MLS-6.3.1-06 MLS-6.3.2-03 the AADs take the header's fields", () => {
    expect(toHex(encodeSenderDataAAD(privateMessage))).toBe(concat(header));
    expect(toHex(encodePrivateContentAAD(privateMessage))).toBe(
      concat(header, vector(privateMessage.authenticatedData)),
    );
  });

  it("MLS-6.1-02 FramedContentTBS takes the GroupContext for members and external joiners", () => {
    const content = contents[0]!;
    const others: Sender[] = [{ kind: "external", senderIndex: 1 }, { kind: "newMemberProposal" }];
    for (const sender of [samples.member, { kind: "newMemberCommit" } as const]) {
      const framed = samples.framed(content, sender);
      const expected = concat(u16(1, 2), encodeWhole(framed, writeFramedContent), encodeGroupContext(groupContext));
      expect(toHex(framedContentTbs(2, framed, groupContext))).toBe(expected);
      expect(() => framedContentTbs(2, framed)).toThrow(TypeError);
    }
    for (const sender of others) {
      const framed = samples.framed(content, sender);
      expect(toHex(framedContentTbs(1, framed))).toBe(concat(u16(1, 1), encodeWhole(framed, writeFramedContent)));
      expect(() => framedContentTbs(1, framed, groupContext)).toThrow(TypeError);
    }
  });

  it("MLS-6.2-01 the membership tag covers TBS and auth; the transcript hashes their inputs", () => {
    const framed = samples.framed(contents[2]!);
    const auth = authOf(contents[2]!);
    const authenticated = { wireFormat: 1, content: framed, auth };
    const encoded = encodeWhole(framed, writeFramedContent);
    const tbm = concat(u16(1, 1), encoded, encodeGroupContext(groupContext), vector([7, 7]), vector([8]));
    expect(toHex(authenticatedContentTbm(authenticated, groupContext))).toBe(tbm);
    expect(toHex(confirmedTranscriptHashInput(authenticated))).toBe(concat(u16(1), encoded, vector([7, 7])));
    expect(toHex(interimTranscriptHashInput(Uint8Array.of(8)))).toBe("0108");
    const bytes = encodeAuthenticatedContent(authenticated);
    expect(toHex(bytes)).toBe(concat(u16(1), encoded, vector([7, 7]), vector([8])));
    expect(decodeAuthenticatedContent(bytes)).toEqual(authenticated);
  });
});
