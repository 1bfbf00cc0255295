//! A member, or a client that waits for its Welcome.

use std::{collections::HashMap, rc::Rc};

use openmls::{
    ciphersuite::hash_ref::ProposalRef,
    prelude::*,
    schedule::{ExternalPsk, PreSharedKeyId, Psk},
};
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;
use peer_protocol::{Answer, Bytes, ExternalJoinResponse, PreSharedKey, Refusal, StateResponse};

use crate::config;

/// Each has a storage of its own, as clients on different devices have.
pub struct Member {
    pub provider: OpenMlsRustCrypto,
    pub signer: Rc<SignatureKeyPair>,
    pub identity: Bytes,
    group: Option<MlsGroup>,
    /// The proposals of this epoch, sent and received, by their messages. The library's own store holds only those
    /// that the commit at hand takes: it would commit to all that it holds, and send no application data meanwhile.
    proposals: HashMap<Bytes, QueuedProposal>,
    /// The commit that waits for its acceptance.
    pending: Option<Bytes>,
}

impl Member {
    pub fn new(suite: Ciphersuite, identity: Bytes) -> Answer<Self> {
        let signer = SignatureKeyPair::new(suite.signature_algorithm())?;
        Ok(Self::with_signer(Rc::new(signer), identity))
    }

    pub fn with_signer(signer: Rc<SignatureKeyPair>, identity: Bytes) -> Self {
        let provider = OpenMlsRustCrypto::default();
        Self { provider, signer, identity, group: None, proposals: HashMap::new(), pending: None }
    }

    pub fn credential(&self) -> CredentialWithKey {
        CredentialWithKey {
            credential: BasicCredential::new(self.identity.to_vec()).into(),
            signature_key: self.signer.public().into(),
        }
    }

    pub fn group(&self) -> Answer<&MlsGroup> {
        self.group.as_ref().ok_or_else(|| Refusal::misuse("not a member yet"))
    }

    /// The parts that the library's calls take apart.
    pub fn parts(&mut self) -> Answer<(&mut MlsGroup, &OpenMlsRustCrypto, &SignatureKeyPair)> {
        let group = self.group.as_mut().ok_or_else(|| Refusal::misuse("not a member yet"))?;
        Ok((group, &self.provider, &self.signer))
    }

    pub fn key_package(&self, suite: Ciphersuite) -> Answer<KeyPackage> {
        let bundle = KeyPackage::builder().leaf_node_capabilities(config::capabilities()).build(
            suite,
            &self.provider,
            &*self.signer,
            self.credential(),
        )?;
        Ok(bundle.into_key_package())
    }

    pub fn create(&mut self, suite: Ciphersuite, group_id: &[u8], encrypt_handshake: bool) -> Answer<()> {
        self.group = Some(MlsGroup::new_with_group_id(
            &self.provider,
            &*self.signer,
            &config::create(suite, encrypt_handshake),
            GroupId::from_slice(group_id),
            self.credential(),
        )?);
        Ok(())
    }

    pub fn join(&mut self, welcome: &[u8], ratchet_tree: &[u8], encrypt_handshake: bool) -> Answer<()> {
        let MlsMessageBodyIn::Welcome(welcome) = config::message(welcome)? else {
            return Err(Refusal::refused("not a Welcome"));
        };
        let tree = config::ratchet_tree(ratchet_tree)?;
        let staged = StagedWelcome::new_from_welcome(&self.provider, &config::join(encrypt_handshake), welcome, tree)?;
        self.group = Some(staged.into_group(&self.provider)?);
        Ok(())
    }

    pub fn external_join(
        &mut self,
        group_info: &[u8],
        ratchet_tree: &[u8],
        encrypt_handshake: bool,
        psks: &[PreSharedKey],
    ) -> Answer<ExternalJoinResponse> {
        let group_info = config::group_info(group_info)?;
        let suite = group_info.ciphersuite();
        let psks = psks
            .iter()
            .map(|PreSharedKey { psk_id, psk_secret }| {
                self.store_psk(psk_id, psk_secret)?;
                Ok(PreSharedKeyProposal::new(self.external_psk(suite, psk_id)?))
            })
            .collect::<Answer<Vec<_>>>()?;
        let mut builder = MlsGroup::external_commit_builder().with_config(config::join(encrypt_handshake));
        if let Some(tree) = config::ratchet_tree(ratchet_tree)? {
            builder = builder.with_ratchet_tree(tree);
        }
        let leaf = LeafNodeParameters::builder().with_capabilities(config::capabilities()).build();
        let (group, bundle) = builder
            .build_group(&self.provider, group_info, self.credential())?
            .leaf_node_parameters(leaf)
            .add_psk_proposals(psks)
            .load_psks(self.provider.storage())?
            .build(self.provider.rand(), self.provider.crypto(), &*self.signer, |_| true)?
            .finalize(&self.provider)?;
        let epoch_authenticator = group.epoch_authenticator().as_slice().into();
        self.group = Some(group);
        Ok(ExternalJoinResponse { state_id: 0, epoch_authenticator, commit: bundle.commit().to_bytes()?.into() })
    }

    pub fn store_psk(&self, id: &[u8], secret: &[u8]) -> Answer<()> {
        Ok(PreSharedKeyId::external(id.to_vec(), Vec::new()).store(&self.provider, secret)?)
    }

    pub fn external_psk(&self, suite: Ciphersuite, id: &[u8]) -> Answer<PreSharedKeyId> {
        let psk = Psk::External(ExternalPsk::new(id.to_vec()));
        Ok(PreSharedKeyId::new(suite, self.provider.rand(), psk)?)
    }

    pub fn response(&self, state_id: u32) -> Answer<StateResponse> {
        let group = self.group()?;
        // Whoever was removed has no secrets of the new epoch.
        let authenticator = if group.is_active() { group.epoch_authenticator().as_slice() } else { &[] };
        Ok(StateResponse { state_id, epoch_authenticator: authenticator.into() })
    }

    /// Remembers a proposal that this member has just sent, and takes it out of the library's store.
    pub fn sent(&mut self, message: MlsMessageOut, reference: &ProposalRef) -> Answer<Bytes> {
        let message = Bytes::from(message.to_bytes()?);
        let (group, provider, _) = self.parts()?;
        let proposal = group
            .pending_proposals()
            .find(|proposal| proposal.proposal_reference_ref() == reference)
            .cloned()
            .ok_or_else(|| Refusal::misuse("the proposal was not stored"))?;
        group.remove_pending_proposal(provider.storage(), reference)?;
        self.proposals.insert(message.clone(), proposal);
        Ok(message)
    }

    /// Lets the library's store hold these proposals and no others.
    pub fn take(&mut self, messages: &[Bytes]) -> Answer<()> {
        for message in messages {
            if !self.proposals.contains_key(message) {
                let proposal = self.received(message)?;
                self.proposals.insert(message.clone(), proposal);
            }
        }
        let wanted: Vec<QueuedProposal> = messages.iter().map(|message| self.proposals[message].clone()).collect();
        let (group, provider, _) = self.parts()?;
        let held: Vec<_> = group.pending_proposals().map(|held| held.proposal_reference_ref().clone()).collect();
        for reference in &held {
            group.remove_pending_proposal(provider.storage(), reference)?;
        }
        for proposal in wanted {
            group.store_pending_proposal(provider.storage(), proposal)?;
        }
        Ok(())
    }

    fn received(&mut self, message: &[u8]) -> Answer<QueuedProposal> {
        match self.process(message)?.into_content() {
            ProcessedMessageContent::ProposalMessage(proposal)
            | ProcessedMessageContent::ExternalJoinProposalMessage(proposal) => Ok(*proposal),
            other => Err(Refusal::refused(format!("not a proposal: {other:?}"))),
        }
    }

    pub fn process(&mut self, bytes: &[u8]) -> Answer<ProcessedMessage> {
        let message: ProtocolMessage = match config::message(bytes)? {
            MlsMessageBodyIn::PublicMessage(message) => message.into(),
            MlsMessageBodyIn::PrivateMessage(message) => message.into(),
            _ => return Err(Refusal::refused("neither a PublicMessage nor a PrivateMessage")),
        };
        let (group, provider, _) = self.parts()?;
        Ok(group.process_message(provider, message)?)
    }

    /// Takes back a commit that was never accepted, so that the member can propose and commit again.
    pub fn discard(&mut self) -> Answer<()> {
        self.pending = None;
        let (group, provider, _) = self.parts()?;
        Ok(group.clear_pending_commit(provider.storage())?)
    }

    pub fn committed(&mut self, commit: Bytes) {
        self.pending = Some(commit);
    }

    pub fn accept(&mut self) -> Answer<()> {
        let (group, provider, _) = self.parts()?;
        group.merge_pending_commit(provider)?;
        self.entered();
        Ok(())
    }

    pub fn follow(&mut self, commit: &Bytes, proposals: &[Bytes]) -> Answer<()> {
        if self.pending.as_ref() == Some(commit) {
            return self.accept();
        }
        self.take(proposals)?;
        match self.process(commit)?.into_content() {
            ProcessedMessageContent::StagedCommitMessage(staged) => {
                let (group, provider, _) = self.parts()?;
                group.merge_staged_commit(provider, *staged)?;
            }
            other => return Err(Refusal::refused(format!("not a commit of another member: {other:?}"))),
        }
        self.entered();
        Ok(())
    }

    fn entered(&mut self) {
        self.proposals.clear();
        self.pending = None;
    }
}
