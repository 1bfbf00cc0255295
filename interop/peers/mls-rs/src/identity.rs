//! Who members are, and the clients that speak for them.

use mls_rs::{
    CipherSuite, CipherSuiteProvider, Client, CryptoProvider, Extension, ExtensionList, MlsMessage,
    client_builder::{BaseInMemoryConfig, ClientBuilder, WithCryptoProvider, WithIdentityProvider, WithMlsRules},
    crypto::SignatureSecretKey,
    group::{ExportedTree, Member},
    identity::{
        Credential, SigningIdentity,
        basic::{BasicCredential, BasicIdentityProvider},
    },
    storage_provider::in_memory::{InMemoryGroupStateStorage, InMemoryKeyPackageStorage, InMemoryPreSharedKeyStorage},
};
use mls_rs_crypto_awslc::AwsLcCryptoProvider;
use peer_protocol::{Answer, Bytes, Extension as WireExtension, Refusal};

use crate::rules::Rules;

/// How many past epochs members can still read. Generous, so that a run tests the protocol and not the defaults of a
/// configuration.
const PAST_EPOCHS: usize = 32;

pub const SUITES: [u16; 3] = [1, 2, 3];

pub type Config = WithIdentityProvider<
    BasicIdentityProvider,
    WithCryptoProvider<AwsLcCryptoProvider, WithMlsRules<Rules, BaseInMemoryConfig>>,
>;

pub fn crypto() -> AwsLcCryptoProvider {
    AwsLcCryptoProvider::with_enabled_cipher_suites(SUITES.map(CipherSuite::from).to_vec())
}

/// A signature key pair and the credential that it stands for.
#[derive(Clone)]
pub struct Identity {
    pub suite: CipherSuite,
    pub signer: SignatureSecretKey,
    pub signing: SigningIdentity,
}

impl Identity {
    pub fn new(suite: CipherSuite, identity: &[u8]) -> Answer<Self> {
        let provider = crypto()
            .cipher_suite_provider(suite)
            .ok_or_else(|| Refusal::unsupported(format!("cipher suite {}", u16::from(suite))))?;
        let (signer, public) = provider.signature_key_generate()?;
        Ok(Self { suite, signer, signing: SigningIdentity::new(credential(identity), public) })
    }
}

/// A client with its stores.
#[derive(Clone)]
pub struct Device {
    pub client: Client<Config>,
    pub identity: Identity,
    pub psks: InMemoryPreSharedKeyStorage,
    pub key_packages: InMemoryKeyPackageStorage,
    pub groups: InMemoryGroupStateStorage,
    pub rules: Rules,
}

impl Device {
    pub fn new(identity: Identity) -> Answer<Self> {
        let (psks, key_packages, rules) = (Default::default(), InMemoryKeyPackageStorage::new(), Rules::default());
        let groups = InMemoryGroupStateStorage::new().with_max_epoch_retention(PAST_EPOCHS)?;
        let client = ClientBuilder::new()
            .crypto_provider(crypto())
            .identity_provider(BasicIdentityProvider::new())
            .mls_rules(rules.clone())
            .psk_store(InMemoryPreSharedKeyStorage::clone(&psks))
            .key_package_repo(key_packages.clone())
            .group_state_storage(groups.clone())
            .signing_identity(identity.signing.clone(), identity.signer.clone(), identity.suite)
            .build();
        Ok(Self { client, identity, psks, key_packages, groups, rules })
    }

    pub fn key_package(&self) -> Answer<Bytes> {
        let message = self.client.generate_key_package_message(Default::default(), Default::default(), None)?;
        Ok(message.to_bytes()?.into())
    }
}

pub fn credential(identity: &[u8]) -> Credential {
    BasicCredential::new(identity.to_vec()).into_credential()
}

/// The leaf of the member with this identity.
pub fn leaf(members: &[Member], identity: &[u8]) -> Answer<u32> {
    let credential = credential(identity);
    members
        .iter()
        .find(|member| member.signing_identity.credential == credential)
        .map(|member| member.index)
        .ok_or_else(|| Refusal::misuse("no member of this identity"))
}

pub fn message(bytes: &[u8]) -> Answer<MlsMessage> {
    Ok(MlsMessage::from_bytes(bytes)?)
}

/// A tree that travelled apart; `None` when the message holds it.
pub fn ratchet_tree(bytes: &[u8]) -> Answer<Option<ExportedTree<'static>>> {
    if bytes.is_empty() {
        return Ok(None);
    }
    Ok(Some(ExportedTree::from_bytes(bytes)?))
}

pub fn extensions(list: &[WireExtension]) -> ExtensionList {
    let list = list
        .iter()
        .map(|extension| Extension::new(extension.extension_type.into(), extension.extension_data.to_vec()))
        .collect::<Vec<_>>();
    list.into()
}
