// LeafNode (RFC 9420 section 7.2). The core parses leaves and says where their fields are; this
// file reads single fields from there, when asked, and writes leaves.
import { defaultContext, type DecodeContext, type LeafEngine } from "../codec/context.ts";
import { Reader, decodeWhole } from "../codec/reader.ts";
import { readHeader, vectorLength } from "../codec/varint.ts";
import { encodeWhole, type Writer } from "../codec/writer.ts";
import { defaultEngine } from "../core/engine.ts";
import * as layout from "../core/generated/layout.ts";
import { STATUS_EXTENSION, STATUS_LIMIT, STATUS_MALFORMED, STATUS_UNSUPPORTED } from "../core/generated/status.ts";
import { extensionPlaces, CredentialType } from "./constants.ts";
import { readCredential, writeCredential, type Credential } from "./credential.ts";
import { readExtensions, writeExtensions, type Extension } from "./extension.ts";

/** What a member supports beyond what everybody must (RFC 9420 section 7.2). */
export interface Capabilities {
  /** Protocol versions; 1 is MLS 1.0. */
  readonly versions: readonly number[];
  /** Cipher suites, by their numbers in the IANA registry. */
  readonly cipherSuites: readonly number[];
  /** Extension types; 1 to 5 are supported by everybody and not listed. */
  readonly extensions: readonly number[];
  /** Proposal types; 1 to 7 are supported by everybody and not listed. */
  readonly proposals: readonly number[];
  /** Credential types. */
  readonly credentials: readonly number[];
}

/** Seconds since the Unix epoch, both ends included. */
export interface Lifetime {
  /** The first second. */
  readonly notBefore: bigint;
  /** The last second. */
  readonly notAfter: bigint;
}

/** What the leaf comes from, with what only such leaves have (MLS-7.2-01). */
export type LeafNodeSource =
  | {
      readonly kind: "keyPackage";
      /** When the key package may be used. */
      readonly lifetime: Lifetime;
    }
  | { readonly kind: "update" }
  | {
      readonly kind: "commit";
      /** The hash of the parent (section 7.9), Nh bytes or none. */
      readonly parentHash: Uint8Array;
    };

/** All fields of a LeafNode but its signature. */
export interface LeafNodeContent {
  /** The HPKE public key of the leaf. */
  readonly encryptionKey: Uint8Array;
  /** The key that the credential stands for. */
  readonly signatureKey: Uint8Array;
  /** Who the member is. */
  readonly credential: Credential;
  /** What the member supports. */
  readonly capabilities: Capabilities;
  /** What the leaf comes from. */
  readonly source: LeafNodeSource;
  /** Extensions of the leaf. */
  readonly extensions: readonly Extension[];
}

/** Where a leaf stands; part of what is signed for leaves of updates and commits (MLS-7.2-02). */
export interface LeafPosition {
  readonly groupId: Uint8Array;
  readonly leafIndex: number;
}

const sources = [undefined, "keyPackage", "update", "commit"] as const;

// Leaf nodes are short, and stand in messages that can be very long: so much is handed to the core first.
const FIRST_WINDOW = 2048;
const WINDOW_GROWTH = 8;

/** A decoded LeafNode: a view of its bytes, whose fields are read when they are asked for. */
export class LeafNode implements LeafNodeContent {
  /** The leaf as received. */
  readonly encoded: Uint8Array;
  readonly #words: Uint32Array;
  readonly #context: DecodeContext;
  #credential: Credential | undefined;
  #capabilities: Capabilities | undefined;
  #extensions: readonly Extension[] | undefined;

  /** @internal Use {@link readLeafNode} or {@link decodeLeafNode}; `words` are what the core's parser noted. */
  constructor(encoded: Uint8Array, words: Uint32Array, context: DecodeContext) {
    this.encoded = encoded;
    this.#words = words;
    this.#context = context;
  }

  get encryptionKey(): Uint8Array {
    return this.#field(layout.LEAF_ENCRYPTION_KEY);
  }

  get signatureKey(): Uint8Array {
    return this.#field(layout.LEAF_SIGNATURE_KEY);
  }

  get credential(): Credential {
    return (this.#credential ??= readCredential(this.#reader(layout.LEAF_CREDENTIAL)));
  }

  /** The credential as received, its type included. */
  get encodedCredential(): Uint8Array {
    return this.#field(layout.LEAF_CREDENTIAL);
  }

  /** The type of the credential (RFC 9420 section 17.5). */
  get credentialType(): number {
    return this.#words[layout.LEAF_CREDENTIAL_TYPE]!;
  }

  get capabilities(): Capabilities {
    return (this.#capabilities ??= {
      versions: this.#list(layout.LEAF_LIST_VERSIONS),
      cipherSuites: this.#list(layout.LEAF_LIST_SUITES),
      extensions: this.#list(layout.LEAF_LIST_EXTENSIONS),
      proposals: this.#list(layout.LEAF_LIST_PROPOSALS),
      credentials: this.#list(layout.LEAF_LIST_CREDENTIALS),
    });
  }

  get source(): LeafNodeSource {
    const kind = sources[this.#words[layout.LEAF_SOURCE]!]!;
    switch (kind) {
      case "keyPackage": {
        const reader = this.#reader(layout.LEAF_ARM);
        return { kind, lifetime: { notBefore: reader.uint64(), notAfter: reader.uint64() } };
      }
      case "update":
        return { kind };
      case "commit":
        return { kind, parentHash: this.#field(layout.LEAF_ARM) };
    }
  }

  get extensions(): readonly Extension[] {
    if (this.#extensions === undefined) {
      // The words name the list's content; the reader wants its header too.
      const length = this.#words[layout.LEAF_EXTENSIONS + 1]!;
      const end = this.#words[layout.LEAF_EXTENSIONS]! + length;
      const start = end - vectorLength(length);
      this.#extensions = readExtensions(new Reader(this.encoded.subarray(start, end), this.#context), "leafNode");
    }
    return this.#extensions;
  }

  /** The signature over the leaf, and over its place where it is an Update's or a commit's. */
  get signature(): Uint8Array {
    return this.#field(layout.LEAF_SIGNATURE);
  }

  /** The bytes before the signature: LeafNodeTBS but for the leaf's position. */
  get unsigned(): Uint8Array {
    return this.encoded.subarray(0, this.#words[layout.LEAF_TBS_LENGTH]);
  }

  #field(index: number): Uint8Array {
    const start = this.#words[index]!;
    return this.encoded.subarray(start, start + this.#words[index + 1]!);
  }

  #reader(index: number): Reader {
    return new Reader(this.#field(index), this.#context, "LeafNode", this.#words[index]);
  }

  #list(list: number): number[] {
    const content = this.#field(layout.LEAF_CAPABILITIES + 2 * list);
    return Array.from({ length: content.length / 2 }, (_, i) => (content[2 * i]! << 8) | content[2 * i + 1]!);
  }
}

/** Reads a LeafNode with the core's parser. */
export function readLeafNode(reader: Reader): LeafNode {
  const outer = reader.enter("LeafNode");
  const { context } = reader;
  const unread = reader.rest();
  for (let window = FIRST_WINDOW; ; window *= WINDOW_GROWTH) {
    const length = Math.min(window, unread.length, layout.LEAF_LENGTH_LIMIT);
    const { status, words } = parse(unread.subarray(0, length), context);
    if (status > 0) {
      const type = words[layout.LEAF_CREDENTIAL_TYPE]!;
      if (type > CredentialType.x509 && !context.customCredentialTypes.has(type)) {
        // Another client of the same engine registered the type.
        refuse(reader, STATUS_UNSUPPORTED, unread, words[layout.LEAF_CREDENTIAL]!);
      }
      const leafNode = new LeafNode(reader.fixed(status), words, context);
      reader.leave(outer);
      return leafNode;
    }
    const isLast = length === unread.length || length === layout.LEAF_LENGTH_LIMIT;
    const isCut = status === STATUS_MALFORMED && endsBehind(unread, words[0]!, length);
    if (isLast && isCut) refuse(reader, STATUS_LIMIT, unread, words[0]!);
    if (isLast || status !== STATUS_MALFORMED) refuse(reader, status, unread, words[0]!);
  }
}

/** Whether a whole vector begins at `at` that ends behind `window`. */
function endsBehind(bytes: Uint8Array, at: number, window: number): boolean {
  const length = readHeader(bytes, at, bytes.length);
  return length >= 0 && at + vectorLength(length) <= bytes.length && at + vectorLength(length) > window;
}

function parse(bytes: Uint8Array, context: DecodeContext): { status: number; words: Uint32Array } {
  const engine = context.engine ?? defaultEngine();
  return engine.frame((core, frame) => {
    for (const type of context.customCredentialTypes) core.credentialTypeRegister(type);
    const out = frame.take(4 * layout.LEAF_WORDS);
    const status = core.leafParse(frame.put(bytes), bytes.length, out);
    return { status, words: new Uint32Array(engine.copyOut(out, 4 * layout.LEAF_WORDS).buffer) };
  });
}

function refuse(reader: Reader, status: number, unread: Uint8Array, offset: number): never {
  const position = reader.position + offset;
  const type = (unread[offset]! << 8) | unread[offset + 1]!;
  switch (status) {
    case STATUS_EXTENSION: {
      const place = extensionPlaces.get(type);
      if (place !== undefined && place !== "leafNode") {
        reader.forbidden(
          "ERR_EXTENSION",
          `extension ${type} belongs in a ${place}, not in a leafNode`,
          "MLS-17.3-01",
          position,
        );
      }
      return reader.forbidden("ERR_EXTENSION", `extension ${type} stands twice`, "MLS-13.4-06", position);
    }
    case STATUS_UNSUPPORTED:
      return reader.unsupported(`unknown credential type ${type}`, "MLS-5.3-01", position);
    case STATUS_LIMIT:
      return reader.fail(
        "longer, or with more extensions or certificates, than a leaf node may be",
        "DEF-12",
        "ERR_LIMIT",
        position,
      );
    default:
      return reader.fail("not a leaf node", "MLS-7.2-01", "ERR_MALFORMED", position);
  }
}

export function writeLeafNode(writer: Writer, leafNode: LeafNode): void {
  writer.fixed(leafNode.encoded);
}

export function decodeLeafNode(bytes: Uint8Array, context: DecodeContext = defaultContext): LeafNode {
  return decodeWhole("LeafNode", bytes, readLeafNode, context);
}

class EveryType extends Set<number> {
  override has(): boolean {
    return true;
  }
}

const everyType = new EveryType();

/** What leaves that an engine has accepted are read with: whatever credential type they have. */
const knownContexts = new WeakMap<LeafEngine, DecodeContext>();

function knownContext(engine: LeafEngine): DecodeContext {
  let context = knownContexts.get(engine);
  if (context === undefined) {
    context = { ...defaultContext, engine, customCredentialTypes: everyType };
    knownContexts.set(engine, context);
  }
  return context;
}

/** A leaf that this engine has accepted before. */
export function decodeKnownLeaf(engine: LeafEngine, bytes: Uint8Array): LeafNode {
  return decodeLeafNode(bytes, knownContext(engine));
}

/** The same, from its bytes and what the core's parser noted of them. */
export function knownLeaf(engine: LeafEngine, encoded: Uint8Array, words: Uint32Array): LeafNode {
  return new LeafNode(encoded, words, knownContext(engine));
}

function writeContent(writer: Writer, content: LeafNodeContent): void {
  const { capabilities, source } = content;
  writer.opaque(content.encryptionKey);
  writer.opaque(content.signatureKey);
  writeCredential(writer, content.credential);
  writer.uint16List(capabilities.versions);
  writer.uint16List(capabilities.cipherSuites);
  writer.uint16List(capabilities.extensions);
  writer.uint16List(capabilities.proposals);
  writer.uint16List(capabilities.credentials);
  writer.enumeration(sources, source.kind);
  if (source.kind === "keyPackage") {
    writer.uint64(source.lifetime.notBefore);
    writer.uint64(source.lifetime.notAfter);
  } else if (source.kind === "commit") {
    writer.opaque(source.parentHash);
  }
  writeExtensions(writer, content.extensions);
}

/**
 * LeafNodeTBS: what the leaf's signature covers. Leaves of updates and commits are signed for
 * their place in the group; leaves of key packages have none yet.
 */
export function leafNodeTbs(content: LeafNodeContent, position?: LeafPosition): Uint8Array<ArrayBuffer> {
  if ((content.source.kind !== "keyPackage") !== (position !== undefined)) {
    throw new TypeError("a leaf has a position unless it comes from a key package");
  }
  return encodeWhole(content, (writer) => {
    if (content instanceof LeafNode) writer.fixed(content.unsigned);
    else writeContent(writer, content);
    if (position === undefined) return;
    writer.opaque(position.groupId);
    writer.uint32(position.leafIndex);
  });
}

/** A LeafNode with its signature, which may be of what comes before it. */
export function encodeLeafNode(
  content: LeafNodeContent,
  sign: (unsigned: Uint8Array) => Uint8Array,
): Uint8Array<ArrayBuffer> {
  return encodeWhole(content, (writer) => {
    writeContent(writer, content);
    writer.opaque(sign(writer.view()));
  });
}
