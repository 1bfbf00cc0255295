// ts-mls 2.x, with its default crypto provider: WebCrypto.
import * as mls from "ts-mls";
import { Answering } from "../../implementations/answer.ts";
import type { Changes, Implementation } from "../../implementations/implementation.ts";
import type { CallName, Description, Facts, Request } from "../../scenario/protocol.ts";
import { clock } from "../../workers/clock.ts";
import { serve } from "../../workers/serve.ts";
import manifest from "./package.json" with { type: "json" };

type KeyPair = Awaited<ReturnType<typeof mls.generateKeyPackage>>;

type Client = KeyPair;

/** States are immutable; this holds the present one. */
interface Group {
  state: mls.ClientState;
}

const cipherSuite = await mls.getCiphersuiteImpl("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519");
const context: mls.MlsContext = { cipherSuite, authService: mls.unsafeTestingAuthenticationService };
const { mls10: version } = mls.protocolVersions;

class TsMls implements Implementation<Client, Group> {
  readonly description: Description = {
    implementation: "ts-mls-2",
    version: `${manifest.dependencies["ts-mls"]}, WebCrypto`,
    runtime: `Node ${process.versions.node}`,
    // Those of the pool on which Node's WebCrypto runs.
    threads: 4,
  };

  async client(name: string): Promise<Client> {
    const identity = new TextEncoder().encode(name);
    const credential: mls.Credential = { credentialType: mls.defaultCredentialTypes.basic, identity };
    return await mls.generateKeyPackage({ credential, cipherSuite });
  }

  keyPackage({ publicPackage }: Client): Uint8Array {
    const { mls_key_package: wireformat } = mls.wireformats;
    return mls.encode(mls.mlsMessageEncoder, { version, wireformat, keyPackage: publicPackage });
  }

  async createGroup({ publicPackage, privatePackage }: Client): Promise<Group> {
    const groupId = crypto.getRandomValues(new Uint8Array(32));
    const state = await mls.createGroup({
      context,
      groupId,
      keyPackage: publicPackage,
      privateKeyPackage: privatePackage,
    });
    return { state };
  }

  async join({ publicPackage, privatePackage }: Client, bytes: Uint8Array): Promise<Group> {
    const message = decode(bytes);
    if (message.wireformat !== mls.wireformats.mls_welcome) throw new Error("not a Welcome");
    const { welcome } = message;
    const state = await mls.joinGroup({ context, welcome, keyPackage: publicPackage, privateKeys: privatePackage });
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
        if (message.wireformat !== mls.wireformats.mls_key_package) throw new Error("not a key package");
        return { proposalType: mls.defaultProposalTypes.add, add: { keyPackage: message.keyPackage } };
      }),
      ...remove.map(({ leafIndex: removed }): mls.Proposal => ({
        proposalType: mls.defaultProposalTypes.remove,
        remove: { removed },
      })),
    ];
    const { newState, commit, welcome, consumed } = await mls.createCommit({
      context,
      state: group.state,
      extraProposals,
      ratchetTreeExtension: treeInWelcome,
    });
    consumed.forEach(mls.zeroOutUint8Array);
    group.state = newState;
    return {
      commit: mls.encode(mls.mlsMessageEncoder, commit),
      welcome: welcome && mls.encode(mls.mlsMessageEncoder, welcome),
    };
  }

  async process(group: Group, commit: Uint8Array): Promise<void> {
    await receive(group, commit);
  }

  async encrypt(group: Group, data: Uint8Array): Promise<Uint8Array> {
    const { newState, message, consumed } = await mls.createApplicationMessage({
      context,
      state: group.state,
      message: data,
    });
    consumed.forEach(mls.zeroOutUint8Array);
    group.state = newState;
    return mls.encode(mls.mlsMessageEncoder, message);
  }

  async decrypt(group: Group, message: Uint8Array): Promise<Uint8Array> {
    const result = await receive(group, message);
    if (result.kind !== "applicationMessage") throw new Error("not an application message");
    return result.message;
  }

  save(_client: Client, { state }: Group): Uint8Array {
    return mls.encode(mls.clientStateEncoder, state);
  }

  restore(_client: Client, saved: Uint8Array): Group {
    const state = mls.decode(mls.clientStateDecoder, saved);
    if (state === undefined) throw new Error("the state does not decode");
    return { state };
  }

  async facts({ state }: Group): Promise<Facts> {
    const { exporterSecret } = state.keySchedule;
    const exported = await mls.mlsExporter(exporterSecret, "exporter", new Uint8Array(0), 32, cipherSuite);
    return {
      members: mls.getGroupMembers(state).length,
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

function decode(bytes: Uint8Array): mls.MlsMessage {
  const message = mls.decode(mls.mlsMessageDecoder, bytes);
  if (message === undefined) throw new Error("a message does not decode");
  return message;
}

async function receive(group: Group, bytes: Uint8Array): Promise<mls.ProcessMessageResult> {
  const message = decode(bytes);
  const { mls_private_message, mls_public_message } = mls.wireformats;
  if (message.wireformat !== mls_private_message && message.wireformat !== mls_public_message) {
    throw new Error("not a message of a group");
  }
  const result = await mls.processMessage({ context, state: group.state, message, callback: mls.acceptAll });
  result.consumed.forEach(mls.zeroOutUint8Array);
  group.state = result.newState;
  return result;
}

const party = new Answering(new TsMls(), clock);
await serve((call, request) => party.ask(call as CallName, request as Request<CallName>));
