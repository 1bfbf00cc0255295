//! Those who propose from outside, and what they see of a group.

use mls_rs::{
    ProtocolVersion,
    extension::built_in::ExternalSendersExt,
    external_client::{
        ExternalClient, ExternalGroup,
        builder::{ExternalBaseConfig, ExternalClientBuilder, WithCryptoProvider, WithIdentityProvider},
    },
    identity::{SigningIdentity, basic::BasicIdentityProvider},
    mls_rs_codec::{MlsDecode, MlsEncode},
    psk::ExternalPskId,
};
use mls_rs_crypto_awslc::AwsLcCryptoProvider;
use peer_protocol::{Answer, Bytes, ExternalSignerProposalRequest, ProposalResponse, Refusal};

use crate::{
    identity::{Identity, crypto, extensions, leaf, message, ratchet_tree},
    member::Member,
};

type Config = WithIdentityProvider<BasicIdentityProvider, WithCryptoProvider<AwsLcCryptoProvider, ExternalBaseConfig>>;

/// A holder of an entry in `external_senders`.
pub struct Signer {
    client: ExternalClient<Config>,
    identity: SigningIdentity,
}

impl Signer {
    pub fn new(identity: Identity) -> Self {
        let client = builder().signer(identity.signer, identity.signing.clone()).build();
        Self { client, identity: identity.signing }
    }

    pub fn external_sender(&self) -> Answer<Bytes> {
        Ok(self.identity.mls_encode_to_vec()?.into())
    }

    pub fn propose(&self, request: &ExternalSignerProposalRequest) -> Answer<ProposalResponse> {
        let mut group = observe(&self.client, &request.group_info, &request.ratchet_tree)?;
        let value = &request.description;
        let proposal = match value.proposal_type.as_str() {
            "add" => group.propose_add(message(&value.key_package)?, Vec::new()),
            "remove" => {
                let removed = leaf(&group.roster().members(), &value.removed_id)?;
                group.propose_remove(removed, Vec::new())
            }
            "externalPSK" => group.propose_external_psk(ExternalPskId::new(value.psk_id.to_vec()), Vec::new()),
            "resumptionPSK" => group.propose_resumption_psk(value.epoch_id.0, Vec::new()),
            "groupContextExtensions" => {
                group.propose_group_context_extensions(extensions(&value.extensions), Vec::new())
            }
            "reinit" => group.propose_reinit(
                Some(value.group_id.to_vec()),
                ProtocolVersion::MLS_10,
                value.cipher_suite.into(),
                extensions(&value.extensions),
                Vec::new(),
            ),
            other => return Err(Refusal::unsupported(format!("{other} of an external sender"))),
        };
        Ok(ProposalResponse { proposal: proposal?.to_bytes()?.into() })
    }
}

fn builder() -> ExternalClientBuilder<Config> {
    ExternalClientBuilder::new().crypto_provider(crypto()).identity_provider(BasicIdentityProvider::new())
}

fn observe(client: &ExternalClient<Config>, group_info: &[u8], tree: &[u8]) -> Answer<ExternalGroup<Config>> {
    Ok(client.observe_group(message(group_info)?, ratchet_tree(tree)?, None)?)
}

/// The leaf of the member with this identity, seen from outside.
pub fn leaf_in(group_info: &[u8], tree: &[u8], identity: &[u8]) -> Answer<u32> {
    let group = observe(&builder().build(), group_info, tree)?;
    leaf(&group.roster().members(), identity)
}

/// Proposes to let one more external sender in.
pub fn propose_external_sender(member: &mut Member, sender: &[u8]) -> Answer<ProposalResponse> {
    let sender = SigningIdentity::mls_decode(&mut &*sender)?;
    let mut list = member.group()?.context().extensions().clone();
    let mut senders = list.get_as::<ExternalSendersExt>()?.map(|present| present.allowed_senders).unwrap_or_default();
    senders.push(sender);
    list.set_from(ExternalSendersExt::new(senders))?;
    member.propose(|group| group.propose_group_context_extensions(list, Vec::new()))
}
