//! What members propose and commit.

use openmls::{
    ciphersuite::hash_ref::ProposalRef,
    prelude::{tls_codec::Serialize as _, *},
    schedule::{PreSharedKeyId, psk::ResumptionPskUsage},
};
use peer_protocol::{
    Answer, Bytes, CommitRequest, CommitResponse, Epoch, Extension as WireExtension, ProposalDescription,
    ProposalResponse, Refusal,
};

use crate::{config, member::Member};

impl Member {
    fn propose<E: std::error::Error>(
        &mut self,
        make: impl FnOnce(&mut Self) -> Answer<Result<(MlsMessageOut, ProposalRef), E>>,
    ) -> Answer<ProposalResponse> {
        self.discard()?;
        self.take(&[])?;
        let (message, reference) = make(self)??;
        Ok(ProposalResponse { proposal: self.sent(message, &reference)? })
    }

    pub fn propose_add(&mut self, key_package: &[u8]) -> Answer<ProposalResponse> {
        let key_package = config::key_package(&self.provider, key_package)?;
        self.propose(|member| {
            let (group, provider, signer) = member.parts()?;
            Ok(group.propose_add_member(provider, signer, &key_package))
        })
    }

    pub fn propose_update(&mut self) -> Answer<ProposalResponse> {
        self.propose(|member| {
            let (group, provider, signer) = member.parts()?;
            Ok(group.propose_self_update(provider, signer, LeafNodeParameters::default()))
        })
    }

    pub fn propose_remove(&mut self, identity: &[u8]) -> Answer<ProposalResponse> {
        let removed = self.leaf(identity)?;
        self.propose(|member| {
            let (group, provider, signer) = member.parts()?;
            Ok(group.propose_remove_member(provider, signer, removed))
        })
    }

    pub fn propose_external_psk(&mut self, id: &[u8]) -> Answer<ProposalResponse> {
        let psk = self.external_psk(self.group()?.ciphersuite(), id)?;
        self.propose_psk(psk)
    }

    pub fn propose_resumption_psk(&mut self, epoch: Epoch) -> Answer<ProposalResponse> {
        let psk = self.resumption_psk(epoch)?;
        self.propose_psk(psk)
    }

    fn propose_psk(&mut self, psk: PreSharedKeyId) -> Answer<ProposalResponse> {
        self.propose(|member| {
            let (group, provider, signer) = member.parts()?;
            Ok(group.propose_pre_shared_key(provider, signer, psk))
        })
    }

    pub fn propose_extensions(&mut self, extensions: Extensions<GroupContext>) -> Answer<ProposalResponse> {
        self.propose(|member| {
            let (group, provider, signer) = member.parts()?;
            Ok(group.propose_group_context_extensions(provider, extensions, signer))
        })
    }

    pub fn propose_extension_list(&mut self, extensions: &[WireExtension]) -> Answer<ProposalResponse> {
        self.propose_extensions(config::extensions(extensions)?)
    }

    /// The leaf of the member with this identity.
    fn leaf(&self, identity: &[u8]) -> Answer<LeafNodeIndex> {
        let credential = BasicCredential::new(identity.to_vec()).into();
        self.group()?.member_leaf_index(&credential).ok_or_else(|| Refusal::misuse("no member of this identity"))
    }

    fn resumption_psk(&self, epoch: Epoch) -> Answer<PreSharedKeyId> {
        let group = self.group()?;
        let nonce = self.provider.rand().random_vec(group.ciphersuite().hash_length())?;
        let usage = ResumptionPskUsage::Application;
        Ok(PreSharedKeyId::resumption(usage, group.group_id().clone(), epoch.0.into(), nonce))
    }

    /// Makes a commit of exactly what was asked for.
    pub fn commit(&mut self, request: &CommitRequest) -> Answer<CommitResponse> {
        self.discard()?;
        self.take(&request.by_reference)?;
        let asked = request.by_reference.len() + request.by_value.len();
        let by_value = request.by_value.iter().map(|value| self.by_value(value)).collect::<Answer<Vec<_>>>()?;
        let (group, provider, signer) = self.parts()?;
        // PSKs by value go through the store: its order is both that of the list and that of the key schedule.
        for proposal in &by_value {
            if let ByValue::Psk(psk) = proposal {
                group.propose_pre_shared_key_by_value(provider, signer, psk.clone())?;
            }
        }
        let mut builder = group.commit_builder().force_self_update(request.force_path);
        for proposal in by_value {
            builder = match proposal {
                ByValue::Add(key_package) => builder.propose_adds([*key_package]),
                ByValue::Remove(leaf) => builder.propose_removals([leaf]),
                ByValue::Psk(_) => builder,
                ByValue::Extensions(extensions) => builder.propose_group_context_extensions(extensions)?,
            };
        }
        let bundle = builder
            .load_psks(provider.storage())?
            .use_ratchet_tree_extension(!request.external_tree)
            .build(provider.rand(), provider.crypto(), signer, |_| true)?
            .stage_commit(provider)?;
        let taken = group.pending_commit().map_or(0, |pending| pending.queued_proposals().count());
        if taken != asked {
            group.clear_pending_commit(provider.storage())?;
            return Err(Refusal::refused(format!("the commit takes {taken} of {asked} proposals")));
        }
        let commit = Bytes::from(bundle.commit().to_bytes()?);
        let welcome = match bundle.to_welcome_msg() {
            Some(welcome) => welcome.to_bytes()?.into(),
            None => Bytes::default(),
        };
        let ratchet_tree = if request.external_tree { tree_after(group, provider.crypto())? } else { Bytes::default() };
        self.committed(commit.clone());
        Ok(CommitResponse { commit, welcome, ratchet_tree })
    }

    fn by_value(&self, value: &ProposalDescription) -> Answer<ByValue> {
        Ok(match value.proposal_type.as_str() {
            "add" => ByValue::Add(Box::new(config::key_package(&self.provider, &value.key_package)?)),
            "remove" => ByValue::Remove(self.leaf(&value.removed_id)?),
            "externalPSK" => ByValue::Psk(self.external_psk(self.group()?.ciphersuite(), &value.psk_id)?),
            "resumptionPSK" => ByValue::Psk(self.resumption_psk(value.epoch_id)?),
            "groupContextExtensions" => ByValue::Extensions(config::extensions(&value.extensions)?),
            other => return Err(Refusal::unsupported(format!("{other} by value"))),
        })
    }
}

enum ByValue {
    Add(Box<KeyPackage>),
    Remove(LeafNodeIndex),
    Psk(PreSharedKeyId),
    Extensions(Extensions<GroupContext>),
}

/// The tree of the epoch that the pending commit will begin.
fn tree_after(group: &MlsGroup, crypto: &impl OpenMlsCrypto) -> Answer<Bytes> {
    let pending = group.pending_commit().ok_or_else(|| Refusal::misuse("no pending commit"))?;
    let tree = pending
        .export_ratchet_tree(crypto, group.export_ratchet_tree())?
        .ok_or_else(|| Refusal::misuse("no tree in the pending commit"))?;
    Ok(tree.tls_serialize_detached()?.into())
}
