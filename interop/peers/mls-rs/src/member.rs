//! A member, or a client that waits for its Welcome.

use std::collections::HashMap;

use mls_rs::{
    Group, MlsMessage,
    error::MlsError,
    group::{CommitEffect, CommitMessageDescription, ReceivedMessage},
    psk::ExternalPskId,
};
use peer_protocol::{
    Answer, Bytes, CommitRequest, CommitResponse, ProposalResponse, Refusal, StateResponse, UnprotectResponse,
};

use crate::identity::{Config, Device, extensions, leaf, message, ratchet_tree};

pub struct Member {
    pub device: Device,
    group: Option<Group<Config>>,
    removed: bool,
    /// The references of this epoch's proposals, sent and received, by their messages.
    proposals: HashMap<Bytes, Vec<u8>>,
}

impl Member {
    pub fn new(device: Device) -> Self {
        Self { device, group: None, removed: false, proposals: HashMap::new() }
    }

    pub fn with_group(device: Device, group: Group<Config>) -> Answer<Self> {
        let mut member = Self::new(device);
        member.enter(group)?;
        Ok(member)
    }

    pub fn enter(&mut self, group: Group<Config>) -> Answer<()> {
        self.group = Some(group);
        self.entered()
    }

    pub fn group(&mut self) -> Answer<&mut Group<Config>> {
        self.group.as_mut().ok_or_else(|| Refusal::misuse("not a member yet"))
    }

    pub fn authenticator(&mut self) -> Answer<Bytes> {
        // Whoever was removed has no secrets of the new epoch.
        if self.removed {
            return Ok(Bytes::default());
        }
        Ok(self.group()?.epoch_authenticator()?.to_vec().into())
    }

    pub fn response(&mut self, state_id: u32) -> Answer<StateResponse> {
        Ok(StateResponse { state_id, epoch_authenticator: self.authenticator()? })
    }

    pub fn join(&mut self, welcome: &[u8], tree: &[u8], encrypt_handshake: bool) -> Answer<()> {
        self.device.rules.wishes().encrypt_handshake = encrypt_handshake;
        let (group, _) = self.device.client.join_group(ratchet_tree(tree)?, &message(welcome)?, None)?;
        self.enter(group)
    }

    pub fn store_psk(&mut self, id: &[u8], secret: &[u8]) {
        self.device.psks.insert(ExternalPskId::new(id.to_vec()), secret.to_vec().into());
    }

    pub fn propose(
        &mut self,
        make: impl FnOnce(&mut Group<Config>) -> Result<MlsMessage, MlsError>,
    ) -> Answer<ProposalResponse> {
        let group = self.group()?;
        group.clear_pending_commit();
        let proposal = Bytes::from(make(group)?.to_bytes()?);
        self.learn(&proposal)?;
        Ok(ProposalResponse { proposal })
    }

    /// Gives the group a proposal, once, and says what its reference is.
    fn learn(&mut self, proposal: &Bytes) -> Answer<Vec<u8>> {
        if let Some(reference) = self.proposals.get(proposal) {
            return Ok(reference.clone());
        }
        let reference = match self.group()?.process_incoming_message(message(proposal)?)? {
            ReceivedMessage::Proposal(description) => description.proposal_ref(),
            other => return Err(Refusal::refused(format!("not a proposal: {other:?}"))),
        };
        self.proposals.insert(proposal.clone(), reference.clone());
        Ok(reference)
    }

    /// Makes a commit of exactly what was asked for.
    pub fn commit(&mut self, request: &CommitRequest) -> Answer<CommitResponse> {
        self.group()?.clear_pending_commit();
        let asked = request.by_reference.iter().map(|proposal| self.learn(proposal)).collect::<Answer<Vec<_>>>()?;
        {
            let mut wishes = self.device.rules.wishes();
            wishes.force_path = request.force_path;
            wishes.external_tree = request.external_tree;
            wishes.by_reference = asked.iter().cloned().collect();
        }
        let group = self.group()?;
        let members = group.roster().members();
        let mut builder = group.commit_builder();
        for value in &request.by_value {
            builder = match value.proposal_type.as_str() {
                "add" => builder.add_member(message(&value.key_package)?)?,
                "remove" => builder.remove_member(leaf(&members, &value.removed_id)?)?,
                "externalPSK" => builder.add_external_psk(ExternalPskId::new(value.psk_id.to_vec()))?,
                "resumptionPSK" => builder.add_resumption_psk(value.epoch_id.0)?,
                "groupContextExtensions" => builder.set_group_context_ext(extensions(&value.extensions))?,
                "reinit" => builder.reinit(
                    Some(value.group_id.to_vec()),
                    mls_rs::ProtocolVersion::MLS_10,
                    value.cipher_suite.into(),
                    extensions(&value.extensions),
                )?,
                other => return Err(Refusal::unsupported(format!("{other} by value"))),
            };
        }
        let output = builder.build()?;
        let dropped = output
            .unused_proposals()
            .iter()
            .filter_map(|proposal| proposal.proposal_ref())
            .filter(|reference| asked.iter().any(|wanted| wanted == reference.as_slice()))
            .count();
        if dropped > 0 {
            group.clear_pending_commit();
            return Err(Refusal::refused(format!("the commit drops {dropped} of {} proposals", asked.len())));
        }
        let welcome = match output.welcome_messages() {
            [] => Vec::new(),
            [welcome, ..] => welcome.to_bytes()?,
        };
        let tree = match output.ratchet_tree() {
            Some(tree) if request.external_tree => tree.to_bytes()?,
            _ => Vec::new(),
        };
        let commit = output.commit_message().to_bytes()?;
        Ok(CommitResponse { commit: commit.into(), welcome: welcome.into(), ratchet_tree: tree.into() })
    }

    pub fn follow(&mut self, commit: &[u8], proposals: &[Bytes]) -> Answer<CommitEffect> {
        for proposal in proposals {
            self.learn(proposal)?;
        }
        match self.group()?.process_incoming_message(message(commit)?)? {
            ReceivedMessage::Commit(description) => self.committed(description),
            other => Err(Refusal::refused(format!("not a commit: {other:?}"))),
        }
    }

    pub fn accept(&mut self) -> Answer<CommitEffect> {
        let description = self.group()?.apply_pending_commit()?;
        self.committed(description)
    }

    fn committed(&mut self, description: CommitMessageDescription) -> Answer<CommitEffect> {
        self.removed = matches!(description.effect, CommitEffect::Removed { .. });
        self.entered()?;
        Ok(description.effect)
    }

    /// The stores learn of the new epoch; they keep what the library needs of past ones.
    fn entered(&mut self) -> Answer<()> {
        self.proposals.clear();
        if !self.removed {
            self.group()?.write_to_storage()?;
        }
        Ok(())
    }

    pub fn unprotect(&mut self, ciphertext: &[u8]) -> Answer<UnprotectResponse> {
        match self.group()?.process_incoming_message(message(ciphertext)?)? {
            ReceivedMessage::ApplicationMessage(description) => Ok(UnprotectResponse {
                authenticated_data: description.authenticated_data.as_slice().into(),
                plaintext: description.data().into(),
            }),
            other => Err(Refusal::refused(format!("not application data: {other:?}"))),
        }
    }
}
