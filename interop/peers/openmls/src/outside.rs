//! Those who propose from outside: newcomers and external senders. And what they see of a group.

use openmls::prelude::{
    tls_codec::{Deserialize as _, Serialize as _},
    *,
};
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;
use peer_protocol::{
    Answer, Bytes, ExternalSignerProposalRequest, NewMemberAddProposalRequest, ProposalResponse, Refusal,
};

use crate::{config, member::Member};

/// A holder of an entry in `external_senders`.
pub struct Signer {
    keys: SignatureKeyPair,
    credential: Credential,
}

impl Signer {
    pub fn new(suite: Ciphersuite, identity: &[u8]) -> Answer<Self> {
        let keys = SignatureKeyPair::new(suite.signature_algorithm())?;
        Ok(Self { keys, credential: BasicCredential::new(identity.to_vec()).into() })
    }

    pub fn external_sender(&self) -> Answer<Bytes> {
        let sender = ExternalSender::new(self.keys.public().into(), self.credential.clone());
        Ok(sender.tls_serialize_detached()?.into())
    }

    pub fn propose(&self, request: &ExternalSignerProposalRequest) -> Answer<ProposalResponse> {
        let group_info = config::group_info(&request.group_info)?;
        let (group_id, epoch) = (group_info.group_id().clone(), group_info.epoch());
        let index = SenderExtensionIndex::new(request.signer_index);
        let value = &request.description;
        let message = match value.proposal_type.as_str() {
            "add" => {
                let key_package = config::key_package(&OpenMlsRustCrypto::default(), &value.key_package)?;
                ExternalProposal::new_add::<OpenMlsRustCrypto>(key_package, group_id, epoch, &self.keys, index)?
            }
            "remove" => {
                let members = members(&request.group_info, &request.ratchet_tree, &value.removed_id)?;
                let member = members.first().ok_or_else(|| Refusal::misuse("no member of this identity"))?;
                ExternalProposal::new_remove::<OpenMlsRustCrypto>(member.index, group_id, epoch, &self.keys, index)?
            }
            "groupContextExtensions" => ExternalProposal::new_group_context_extensions::<OpenMlsRustCrypto>(
                config::extensions(&value.extensions)?,
                group_id,
                epoch,
                &self.keys,
                index,
            )?,
            other => return Err(Refusal::unsupported(format!("{other} of an external sender"))),
        };
        Ok(ProposalResponse { proposal: message.to_bytes()?.into() })
    }
}

/// The group's extensions with one more external sender.
pub fn with_external_sender(group: &MlsGroup, sender: &[u8]) -> Answer<Extensions<GroupContext>> {
    let mut extensions = group.extensions().clone();
    let mut senders = extensions.external_senders().cloned().unwrap_or_default();
    senders.push(ExternalSender::tls_deserialize_exact(sender)?);
    extensions.add_or_replace(Extension::ExternalSenders(senders))?;
    Ok(extensions)
}

pub fn new_member_add(request: &NewMemberAddProposalRequest) -> Answer<(Member, Bytes)> {
    let group_info = config::group_info(&request.group_info)?;
    let suite = group_info.ciphersuite();
    let member = Member::new(suite, request.identity.clone())?;
    let message = JoinProposal::new::<<OpenMlsRustCrypto as OpenMlsProvider>::StorageProvider>(
        member.key_package(suite)?,
        group_info.group_id().clone(),
        group_info.epoch(),
        &*member.signer,
    )?;
    Ok((member, message.to_bytes()?.into()))
}

pub fn signature_keys(group_info: &[u8], ratchet_tree: &[u8], identity: &[u8]) -> Answer<Vec<Vec<u8>>> {
    Ok(members(group_info, ratchet_tree, identity)?.into_iter().map(|member| member.signature_key).collect())
}

fn members(group_info: &[u8], ratchet_tree: &[u8], identity: &[u8]) -> Answer<Vec<openmls::prelude::Member>> {
    let group_info = config::group_info(group_info)?;
    let tree = match group_info.extensions().ratchet_tree() {
        Some(extension) => extension.ratchet_tree().clone(),
        None => config::ratchet_tree(ratchet_tree)?.ok_or_else(|| Refusal::misuse("no ratchet tree"))?,
    };
    let provider = OpenMlsRustCrypto::default();
    let (group, _) =
        PublicGroup::from_external(provider.crypto(), provider.storage(), tree, group_info, ProposalStore::new())?;
    let credential: Credential = BasicCredential::new(identity.to_vec()).into();
    Ok(group.members().filter(|member| member.credential == credential).collect())
}
