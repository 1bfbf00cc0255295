//! Members of mls-rs with its default features, so that it works on all threads.

mod rules;

use mls_rs::{
    CipherSuite, CipherSuiteProvider as _, CryptoProvider as _, Group, GroupStateStorage as _, MlsMessage,
    client_builder::{BaseInMemoryConfig, ClientBuilder, WithCryptoProvider, WithIdentityProvider, WithMlsRules},
    group::ReceivedMessage,
    identity::{
        SigningIdentity,
        basic::{BasicCredential, BasicIdentityProvider},
    },
    storage_provider::in_memory::InMemoryGroupStateStorage,
};
use mls_rs_crypto_awslc::AwsLcCryptoProvider;
use party::{Answer, Changes, Committed, Description, Facts, Implementation};
use rules::Rules;

const SUITE: CipherSuite = CipherSuite::CURVE25519_AES128;

type Config = WithIdentityProvider<
    BasicIdentityProvider,
    WithCryptoProvider<AwsLcCryptoProvider, WithMlsRules<Rules, BaseInMemoryConfig>>,
>;

struct Client {
    client: mls_rs::Client<Config>,
    groups: InMemoryGroupStateStorage,
    rules: Rules,
}

struct MlsRs;

impl Implementation for MlsRs {
    type Client = Client;
    type Group = Group<Config>;

    fn description() -> Description {
        Description {
            implementation: "mls-rs",
            version: "0.57.0, AWS-LC",
            runtime: format!("native, {}", std::env::consts::ARCH),
            threads: rayon::current_num_threads(),
        }
    }

    fn client(name: &str) -> Answer<Client> {
        let crypto = AwsLcCryptoProvider::default();
        let suite = crypto.cipher_suite_provider(SUITE).ok_or("no such cipher suite")?;
        let (signer, public) = suite.signature_key_generate()?;
        let credential = BasicCredential::new(name.as_bytes().to_vec()).into_credential();
        let (groups, rules) = (InMemoryGroupStateStorage::new(), Rules::default());
        let client = ClientBuilder::new()
            .crypto_provider(crypto)
            .identity_provider(BasicIdentityProvider::new())
            .mls_rules(rules.clone())
            .group_state_storage(groups.clone())
            .signing_identity(SigningIdentity::new(credential, public), signer, SUITE)
            .build();
        Ok(Client { client, groups, rules })
    }

    fn key_package(Client { client, .. }: &Client) -> Answer<Vec<u8>> {
        Ok(client.generate_key_package_message(Default::default(), Default::default(), None)?.to_bytes()?)
    }

    fn create_group(Client { client, .. }: &Client) -> Answer<Group<Config>> {
        Ok(client.create_group(Default::default(), Default::default(), None)?)
    }

    fn join(Client { client, .. }: &Client, welcome: &[u8]) -> Answer<Group<Config>> {
        let (group, _) = client.join_group(None, &MlsMessage::from_bytes(welcome)?, None)?;
        Ok(group)
    }

    fn commit(client: &Client, group: &mut Group<Config>, changes: Changes) -> Answer<Committed> {
        client.rules.ask(changes.path, changes.tree_in_welcome);
        let mut builder = group.commit_builder();
        for bytes in changes.add {
            builder = builder.add_member(MlsMessage::from_bytes(bytes)?)?;
        }
        for removal in changes.remove {
            builder = builder.remove_member(removal.leaf_index)?;
        }
        let output = builder.build()?;
        group.apply_pending_commit()?;
        let welcome = output.welcome_messages().first().map(MlsMessage::to_bytes).transpose()?;
        Ok(Committed { commit: output.commit_message().to_bytes()?, welcome })
    }

    fn process(_: &Client, group: &mut Group<Config>, commit: &[u8]) -> Answer<()> {
        match group.process_incoming_message(MlsMessage::from_bytes(commit)?)? {
            ReceivedMessage::Commit(_) => Ok(()),
            _ => Err("not a commit".into()),
        }
    }

    fn encrypt(_: &Client, group: &mut Group<Config>, data: &[u8]) -> Answer<Vec<u8>> {
        Ok(group.encrypt_application_message(data, Vec::new())?.to_bytes()?)
    }

    fn decrypt(_: &Client, group: &mut Group<Config>, message: &[u8]) -> Answer<Vec<u8>> {
        match group.process_incoming_message(MlsMessage::from_bytes(message)?)? {
            ReceivedMessage::ApplicationMessage(message) => Ok(message.data().to_vec()),
            _ => Err("not an application message".into()),
        }
    }

    fn save(Client { groups, .. }: &Client, group: &mut Group<Config>) -> Answer<Vec<u8>> {
        group.write_to_storage()?;
        let state = groups.state(group.group_id())?.ok_or("the group was not stored")?;
        Ok([group.group_id(), state.as_slice()].concat())
    }

    /// From the client's own storage, which has what was saved.
    fn restore(Client { client, .. }: &mut Client, saved: &[u8]) -> Answer<Group<Config>> {
        let (group_id, _) = saved.split_at_checked(GROUP_ID_LENGTH).ok_or("nothing was saved")?;
        Ok(client.load_group(group_id)?)
    }

    fn facts(_: &Client, group: &Group<Config>) -> Answer<Facts> {
        let exported = group.export_secret(b"exporter", &[], 32)?.as_bytes().to_vec();
        Ok(Facts { members: group.roster().members_iter().count(), epoch: group.current_epoch(), exported })
    }
}

/// Bytes of the groups' names in the benchmark: a hash long.
const GROUP_ID_LENGTH: usize = 32;

fn main() -> std::io::Result<()> {
    party::serve::<MlsRs>()
}
