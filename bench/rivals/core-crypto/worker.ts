// core-crypto (OpenMLS in WebAssembly), in a page: its module refuses to start elsewhere.
import type * as wire from "@wireapp/core-crypto/browser";
import { answerLines } from "../../browser/lines.ts";
import { Answering } from "../../implementations/answer.ts";
import type { Changes, Implementation } from "../../implementations/implementation.ts";
import type { Description, Facts } from "../../scenario/protocol.ts";

type Module = typeof wire;

interface Client {
  readonly core: wire.CoreCrypto;
  readonly credential: wire.CredentialRef;
  /** What the present commit hands to the delivery service. */
  sent: wire.CommitBundle | undefined;
}

interface Group {
  readonly client: Client;
  readonly id: wire.ConversationId;
}

// MLSMessage: version mls10, wire format mls_key_package.
const keyPackageHead = [0, 1, 0, 5];
const inDatabase = "it keeps its groups in a database of its own";

class CoreCrypto implements Implementation<Client, Group> {
  readonly description: Description;
  readonly #wire: Module;

  constructor(module: Module, version: string, runtime: string) {
    this.#wire = module;
    this.description = {
      implementation: "core-crypto",
      version: `${version}, OpenMLS and RustCrypto in WebAssembly`,
      runtime,
      threads: 1,
      handshakes: "public",
      lacks: { save: inDatabase, restore: inDatabase },
    };
  }

  async client(name: string): Promise<Client> {
    const { CoreCrypto, Database, Credential, CipherSuite } = this.#wire;
    const core = CoreCrypto.new(await Database.inMemory());
    const id = this.#clientId(`${crypto.randomUUID()}:${hexOf(name)}@example.org`);
    const client: { -readonly [Key in keyof Client]?: Client[Key] } = { core };
    client.credential = await core.transaction(async (context) => {
      await context.mlsInit(id, {
        sendCommitBundle: (bundle) => {
          client.sent = bundle;
          return Promise.resolve();
        },
        prepareForTransport: (secret) => Promise.resolve(secret.data),
      });
      const suite = CipherSuite.Mls128Dhkemx25519Aes128gcmSha256Ed25519;
      return await context.addCredential(Credential.basic(suite, id));
    });
    return client as Client;
  }

  async keyPackage({ core, credential }: Client): Promise<Uint8Array> {
    const keyPackage = await core.transaction((context) => context.generateKeyPackage(credential));
    return Uint8Array.of(...keyPackageHead, ...keyPackage.serialize());
  }

  async createGroup(client: Client): Promise<Group> {
    const id = new this.#wire.ConversationId(crypto.getRandomValues(new Uint8Array(32)));
    await client.core.transaction((context) => context.createConversation(id, client.credential));
    return { client, id };
  }

  async join(client: Client, welcome: Uint8Array): Promise<Group> {
    const message = new this.#wire.Welcome(welcome);
    const id = await client.core.transaction((context) => context.processWelcomeMessage(message));
    return { client, id };
  }

  /** Every commit of core-crypto that adds or removes has a path, and the tree is in every Welcome. */
  async commit(
    { client, id }: Group,
    { add, remove }: Changes,
  ): Promise<{
    commit: Uint8Array;
    welcome: Uint8Array | undefined;
  }> {
    const { KeyPackage } = this.#wire;
    client.sent = undefined;
    await client.core.transaction(async (context) => {
      if (add.length > 0) {
        const keyPackages = add.map((bytes) => new KeyPackage(bytes.subarray(keyPackageHead.length)));
        await context.addClientsToConversation(id, keyPackages);
      } else if (remove.length > 0) {
        const clients = remove.map(({ identity }) => this.#clientId(identity));
        await context.removeClientsFromConversation(id, clients);
      } else {
        await context.updateKeyingMaterial(id);
      }
    });
    const { sent } = client as { sent: wire.CommitBundle | undefined };
    if (sent === undefined) throw new Error("no commit came of it");
    return { commit: sent.commit, welcome: sent.welcome?.serialize() };
  }

  async process({ client, id }: Group, commit: Uint8Array): Promise<void> {
    await client.core.transaction((context) => context.decryptMessage(id, commit));
  }

  async encrypt({ client, id }: Group, data: Uint8Array): Promise<Uint8Array> {
    return await client.core.transaction((context) => context.encryptMessage(id, data));
  }

  async decrypt({ client, id }: Group, message: Uint8Array): Promise<Uint8Array> {
    const decrypted = await client.core.transaction((context) => context.decryptMessage(id, message));
    if (!this.#wire.DecryptedMessage.Text.instanceOf(decrypted)) throw new Error("not an application message");
    return decrypted.inner.plaintext;
  }

  save(): never {
    throw new Error(inDatabase);
  }

  restore(): never {
    throw new Error(inDatabase);
  }

  async facts({ client, id }: Group): Promise<Facts> {
    return await client.core.transaction(async (context) => ({
      members: (await context.getClientIds(id)).length,
      epoch: Number(await context.conversationEpoch(id)),
      exported: (await context.exportSecretKey(id, 32)).copyBytes(),
    }));
  }

  async closeGroup({ client, id }: Group): Promise<void> {
    await client.core.transaction((context) => context.wipeConversation(id));
  }

  closeClient({ core }: Client): void {
    core.uniffiDestroy();
  }

  #clientId(identity: string): wire.ClientId {
    const { ClientId, DeviceId, Uuid } = this.#wire;
    const [user = "", device = "", domain = ""] = identity.split(/[:@]/);
    return new ClientId(new Uuid(user), DeviceId.fromHexString(device.padStart(16, "0")), domain);
  }
}

/** A device for a member's name: its first bytes. */
function hexOf(name: string): string {
  const bytes = new TextEncoder().encode(name).subarray(0, 8);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

globalThis.startImplementation = async (module, version, runtime) => {
  const loaded = (await import(module)) as Module;
  await loaded.initWasmModule(new URL("autogenerated/wasm-bindgen/index_bg.wasm", module).href);
  answerLines(new Answering(new CoreCrypto(loaded, version, runtime)));
};
