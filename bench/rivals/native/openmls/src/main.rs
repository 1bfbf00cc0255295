//! Members of OpenMLS, with its own in-memory storage, which it writes to in every operation.

use openmls::prelude::{
    tls_codec::{Deserialize as _, Serialize as _},
    *,
};
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::{MemoryStorage, OpenMlsRustCrypto};
use party::{Answer, Changes, Committed, Description, Facts, Implementation};

const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;

struct Client {
    provider: OpenMlsRustCrypto,
    signer: SignatureKeyPair,
    credential: CredentialWithKey,
}

struct OpenMls;

impl Implementation for OpenMls {
    type Client = Client;
    type Group = MlsGroup;

    fn description() -> Description {
        Description {
            implementation: "openmls",
            version: "0.9.2, RustCrypto",
            runtime: format!("native, {}", std::env::consts::ARCH),
            threads: 1,
        }
    }

    fn client(name: &str) -> Answer<Client> {
        let signer = SignatureKeyPair::new(SUITE.signature_algorithm())?;
        let credential = CredentialWithKey {
            credential: BasicCredential::new(name.as_bytes().to_vec()).into(),
            signature_key: signer.public().into(),
        };
        Ok(Client { provider: OpenMlsRustCrypto::default(), signer, credential })
    }

    fn key_package(client: &Client) -> Answer<Vec<u8>> {
        let Client { provider, signer, credential } = client;
        let bundle = KeyPackage::builder().build(SUITE, provider, signer, credential.clone())?;
        Ok(MlsMessageOut::from(bundle.into_key_package()).to_bytes()?)
    }

    fn create_group(Client { provider, signer, credential }: &Client) -> Answer<MlsGroup> {
        let config = MlsGroupCreateConfig::builder()
            .ciphersuite(SUITE)
            .wire_format_policy(MIXED_CIPHERTEXT_WIRE_FORMAT_POLICY)
            .use_ratchet_tree_extension(true)
            .build();
        Ok(MlsGroup::new(provider, signer, &config, credential.clone())?)
    }

    fn join(Client { provider, .. }: &Client, welcome: &[u8]) -> Answer<MlsGroup> {
        let MlsMessageBodyIn::Welcome(welcome) = message(welcome)? else {
            return Err("not a Welcome".into());
        };
        let config = MlsGroupJoinConfig::builder()
            .wire_format_policy(MIXED_CIPHERTEXT_WIRE_FORMAT_POLICY)
            .use_ratchet_tree_extension(true)
            .build();
        Ok(StagedWelcome::new_from_welcome(provider, &config, welcome, None)?.into_group(provider)?)
    }

    fn commit(client: &Client, group: &mut MlsGroup, changes: Changes) -> Answer<Committed> {
        let Client { provider, signer, .. } = client;
        let key_packages =
            changes.add.iter().map(|bytes| key_package(provider, bytes)).collect::<Answer<Vec<KeyPackage>>>()?;
        let bundle = group
            .commit_builder()
            .force_self_update(changes.path)
            .propose_adds(key_packages)
            .propose_removals(changes.remove.iter().map(|removal| LeafNodeIndex::new(removal.leaf_index)))
            .load_psks(provider.storage())?
            .create_group_info(!changes.add.is_empty())
            .use_ratchet_tree_extension(changes.tree_in_welcome)
            .build(provider.rand(), provider.crypto(), signer, |_| true)?
            .stage_commit(provider)?;
        group.merge_pending_commit(provider)?;
        let welcome = bundle.to_welcome_msg().map(|welcome| welcome.to_bytes()).transpose()?;
        Ok(Committed { commit: bundle.commit().to_bytes()?, welcome })
    }

    fn process(client: &Client, group: &mut MlsGroup, commit: &[u8]) -> Answer<()> {
        match receive(client, group, commit)? {
            ProcessedMessageContent::StagedCommitMessage(staged) => {
                Ok(group.merge_staged_commit(&client.provider, *staged)?)
            }
            _ => Err("not a commit".into()),
        }
    }

    fn encrypt(Client { provider, signer, .. }: &Client, group: &mut MlsGroup, data: &[u8]) -> Answer<Vec<u8>> {
        Ok(group.create_message(provider, signer, data)?.to_bytes()?)
    }

    fn decrypt(client: &Client, group: &mut MlsGroup, message: &[u8]) -> Answer<Vec<u8>> {
        match receive(client, group, message)? {
            ProcessedMessageContent::ApplicationMessage(message) => Ok(message.into_bytes()),
            _ => Err("not an application message".into()),
        }
    }

    /// Everything in the storage; the library has written it there already.
    fn save(client: &Client, group: &mut MlsGroup) -> Answer<Vec<u8>> {
        let values = client.provider.storage().values.read().map_err(|error| error.to_string())?;
        let mut saved = VLBytes::new(group.group_id().to_vec()).tls_serialize_detached()?;
        for (key, value) in values.iter() {
            VLBytes::new(key.clone()).tls_serialize(&mut saved)?;
            VLBytes::new(value.clone()).tls_serialize(&mut saved)?;
        }
        Ok(saved)
    }

    fn restore(client: &mut Client, mut saved: &[u8]) -> Answer<MlsGroup> {
        let group_id = VLBytes::tls_deserialize(&mut saved)?;
        let provider = OpenMlsRustCrypto::default();
        {
            let storage: &MemoryStorage = provider.storage();
            let mut values = storage.values.write().map_err(|error| error.to_string())?;
            while !saved.is_empty() {
                let key = VLBytes::tls_deserialize(&mut saved)?;
                values.insert(key.into(), VLBytes::tls_deserialize(&mut saved)?.into());
            }
        }
        client.provider = provider;
        let group_id = GroupId::from_slice(group_id.as_slice());
        MlsGroup::load(client.provider.storage(), &group_id)?.ok_or_else(|| "the group was not stored".into())
    }

    fn facts(Client { provider, .. }: &Client, group: &MlsGroup) -> Answer<Facts> {
        let exported = group.export_secret(provider.crypto(), "exporter", &[], 32)?;
        Ok(Facts { members: group.members().count(), epoch: group.epoch().as_u64(), exported })
    }
}

fn message(bytes: &[u8]) -> Answer<MlsMessageBodyIn> {
    Ok(MlsMessageIn::tls_deserialize_exact(bytes)?.extract())
}

fn key_package(provider: &OpenMlsRustCrypto, bytes: &[u8]) -> Answer<KeyPackage> {
    match message(bytes)? {
        MlsMessageBodyIn::KeyPackage(key_package) => {
            Ok(key_package.validate(provider.crypto(), ProtocolVersion::Mls10)?)
        }
        _ => Err("not a key package".into()),
    }
}

fn receive(client: &Client, group: &mut MlsGroup, bytes: &[u8]) -> Answer<ProcessedMessageContent> {
    let message: ProtocolMessage = match message(bytes)? {
        MlsMessageBodyIn::PublicMessage(message) => message.into(),
        MlsMessageBodyIn::PrivateMessage(message) => message.into(),
        _ => return Err("not a message of a group".into()),
    };
    Ok(group.process_message(&client.provider, message)?.into_content())
}

fn main() -> std::io::Result<()> {
    party::serve::<OpenMls>()
}
