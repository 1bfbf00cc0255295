// ts-mls 1.x, with its default crypto provider: WebCrypto.
import * as mls from "ts-mls";
import { Answering } from "../../implementations/answer.ts";
import type { Changes, Implementation } from "../../implementations/implementation.ts";
import type { CallName, Description, Facts, Request } from "../../scenario/protocol.ts";
import { clock } from "../../workers/clock.ts";
import { serve } from "../../workers/serve.ts";
import manifest from "./package.json" with { type: "json" };

type KeyPair = Awaited<ReturnType<typeof mls.generateKeyPackage>>;

interface Client {
  readonly keys: KeyPair;
  /** What a state needs besides what is saved of it. */
  config: mls.ClientConfig | undefined;
}

/** States are immutable; this holds the present one. */
interface Group {
  state: mls.ClientState;
}

const suite = await mls.getCiphersuiteImpl(mls.getCiphersuiteFromName("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519"));

class TsMls implements Implementation<Client, Group> {
  readonly description: Description = {
    implementation: "ts-mls-1",
    version: `${manifest.dependencies["ts-mls"]}, WebCrypto`,
    runtime: `Node ${process.versions.node}`,
    // Those of the pool on which Node's WebCrypto runs.
    threads: 4,
  };

  async client(name: string): Promise<Client> {
    const credential: mls.Credential = { credentialType: "basic", identity: new TextEncoder().encode(name) };
    const keys = await mls.generateKeyPackage(credential, mls.defaultCapabilities(), mls.defaultLifetime, [], suite);
    return { keys, config: undefined };
  }

  keyPackage({ keys }: Client): Uint8Array {
    return mls.encodeMlsMessage({ version: "mls10", wireformat: "mls_key_package", keyPackage: keys.publicPackage });
  }

  async createGroup(client: Client): Promise<Group> {
    const groupId = crypto.getRandomValues(new Uint8Array(32));
    const { publicPackage, privatePackage } = client.keys;
    const state = await mls.createGroup(groupId, publicPackage, privatePackage, [], suite);
    client.config = state.clientConfig;
    return { state };
  }

  async join(client: Client, welcome: Uint8Array): Promise<Group> {
    const message = decode(welcome);
    if (message.wireformat !== "mls_welcome") throw new Error("not a Welcome");
    const { publicPackage, privatePackage } = client.keys;
    const state = await mls.joinGroup(message.welcome, publicPackage, privatePackage, mls.emptyPskIndex, suite);
    client.config = state.clientConfig;
    return { state };
  }

  /** Whether there is a path is not for the caller to say: there is one where the RFC demands it. */
  async commit(
    group: Group,
    { add, remove, treeInWelcome }: Changes,
  ): Promise<{
    commit: Uint8Array;
    welcome: Uint8Array | undefined;
  }> {
    const extraProposals: mls.Proposal[] = [
      ...add.map((bytes): mls.Proposal => {
        const message = decode(bytes);
        if (message.wireformat !== "mls_key_package") throw new Error("not a key package");
        return { proposalType: "add", add: { keyPackage: message.keyPackage } };
      }),
      ...remove.map(({ leafIndex: removed }): mls.Proposal => ({ proposalType: "remove", remove: { removed } })),
    ];
    const { newState, commit, welcome, consumed } = await mls.createCommit(
      { state: group.state, cipherSuite: suite },
      { extraProposals, ratchetTreeExtension: treeInWelcome },
    );
    consumed.forEach(mls.zeroOutUint8Array);
    group.state = newState;
    return {
      commit: mls.encodeMlsMessage(commit),
      welcome: welcome && mls.encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome }),
    };
  }

  async process(group: Group, commit: Uint8Array): Promise<void> {
    await receive(group, commit);
  }

  async encrypt(group: Group, data: Uint8Array): Promise<Uint8Array> {
    const { newState, privateMessage, consumed } = await mls.createApplicationMessage(group.state, data, suite);
    consumed.forEach(mls.zeroOutUint8Array);
    group.state = newState;
    return mls.encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage });
  }

  async decrypt(group: Group, message: Uint8Array): Promise<Uint8Array> {
    const result = await receive(group, message);
    if (result.kind !== "applicationMessage") throw new Error("not an application message");
    return result.message;
  }

  save(_client: Client, { state }: Group): Uint8Array {
    return mls.encodeGroupState(state);
  }

  restore({ config }: Client, saved: Uint8Array): Group {
    const [state] = mls.decodeGroupState(saved, 0) ?? [];
    if (state === undefined || config === undefined) throw new Error("the state does not decode");
    return { state: { ...state, clientConfig: config } };
  }

  async facts({ state }: Group): Promise<Facts> {
    const { exporterSecret } = state.keySchedule;
    const exported = await mls.mlsExporter(exporterSecret, "exporter", new Uint8Array(0), 32, suite);
    return {
      members: state.ratchetTree.filter((node) => node?.nodeType === "leaf").length,
      epoch: Number(state.groupContext.epoch),
      exported,
    };
  }

  closeGroup(): void {
    // Nothing to release.
  }

  closeClient(): void {
    // Nothing to release.
  }
}

function decode(bytes: Uint8Array): mls.MLSMessage {
  const [message] = mls.decodeMlsMessage(bytes, 0) ?? [];
  if (message === undefined) throw new Error("a message does not decode");
  return message;
}

async function receive(group: Group, bytes: Uint8Array): Promise<mls.ProcessMessageResult> {
  const message = decode(bytes);
  if (message.wireformat !== "mls_private_message" && message.wireformat !== "mls_public_message") {
    throw new Error("not a message of a group");
  }
  const result = await mls.processMessage(message, group.state, mls.emptyPskIndex, mls.acceptAll, suite);
  result.consumed.forEach(mls.zeroOutUint8Array);
  group.state = result.newState;
  return result;
}

const party = new Answering(new TsMls(), clock);
await serve((call, request) => party.ask(call as CallName, request as Request<CallName>));
