//! Members of mls-rs behind the line protocol.

mod identity;
mod member;
mod outside;
mod rules;
mod successor;

use std::collections::HashMap;

use identity::{Device, Identity, leaf, message, ratchet_tree};
use member::Member;
use mls_rs::{CipherSuite, ProtocolVersion, psk::ExternalPskId};
use outside::Signer;
use peer_protocol::*;

#[derive(Default)]
struct MlsRs {
    members: States<Member>,
    signers: States<Signer>,
    /// One key pair for each identity and suite: whoever comes back or branches off does it with the same key.
    identities: HashMap<(u16, Vec<u8>), Identity>,
    /// The suites of the successors that ended groups wait for.
    successors: HashMap<u32, CipherSuite>,
}

impl MlsRs {
    fn identity(&mut self, suite: CipherSuite, identity: &[u8]) -> Answer<Identity> {
        let key = (u16::from(suite), identity.to_vec());
        if let Some(known) = self.identities.get(&key) {
            return Ok(known.clone());
        }
        let fresh = Identity::new(suite, identity)?;
        self.identities.insert(key, fresh.clone());
        Ok(fresh)
    }

    fn device(&mut self, suite: CipherSuite, identity: &[u8]) -> Answer<Device> {
        Device::new(self.identity(suite, identity)?)
    }

    fn suite_of(group_info: &[u8]) -> Answer<CipherSuite> {
        message(group_info)?.cipher_suite().ok_or_else(|| Refusal::refused("not a GroupInfo"))
    }
}

impl Peer for MlsRs {
    fn name(&mut self, _: Empty) -> Answer<NameResponse> {
        Ok(NameResponse { name: "mls-rs".into() })
    }

    fn supported_ciphersuites(&mut self, _: Empty) -> Answer<SupportedCiphersuitesResponse> {
        Ok(SupportedCiphersuitesResponse { ciphersuites: identity::SUITES.to_vec() })
    }

    fn create_group(&mut self, request: CreateGroupRequest) -> Answer<StateId> {
        let device = self.device(request.cipher_suite.into(), &request.identity)?;
        device.rules.wishes().encrypt_handshake = request.encrypt_handshake;
        let group = device.client.group_builder()?.with_group_id(request.group_id.into()).build()?;
        Ok(StateId { state_id: self.members.add(Member::with_group(device, group)?) })
    }

    fn create_key_package(&mut self, request: IdentityRequest) -> Answer<CreateKeyPackageResponse> {
        let device = self.device(request.cipher_suite.into(), &request.identity)?;
        let key_package = device.key_package()?;
        let transaction_id = self.members.add(Member::new(device));
        Ok(CreateKeyPackageResponse { transaction_id, key_package, ..Default::default() })
    }

    fn join_group(&mut self, request: JoinGroupRequest) -> Answer<StateResponse> {
        let member = self.members.get(request.transaction_id)?;
        member.join(&request.welcome, &request.ratchet_tree, request.encrypt_handshake)?;
        member.response(request.transaction_id)
    }

    fn external_join(&mut self, request: ExternalJoinRequest) -> Answer<ExternalJoinResponse> {
        let device = self.device(Self::suite_of(&request.group_info)?, &request.identity)?;
        device.rules.wishes().encrypt_handshake = request.encrypt_handshake;
        let mut member = Member::new(device);
        let mut builder = member.device.client.external_commit_builder()?;
        if let Some(tree) = ratchet_tree(&request.ratchet_tree)? {
            builder = builder.with_tree_data(tree);
        }
        if request.remove_prior {
            builder =
                builder.with_removal(outside::leaf_in(&request.group_info, &request.ratchet_tree, &request.identity)?);
        }
        for psk in &request.psks {
            member.store_psk(&psk.psk_id, &psk.psk_secret);
            builder = builder.with_external_psk(ExternalPskId::new(psk.psk_id.to_vec()));
        }
        let (group, commit) = builder.build(message(&request.group_info)?)?;
        member.enter(group)?;
        let epoch_authenticator = member.authenticator()?;
        let commit = commit.to_bytes()?.into();
        Ok(ExternalJoinResponse { state_id: self.members.add(member), epoch_authenticator, commit })
    }

    fn group_info(&mut self, request: GroupInfoRequest) -> Answer<GroupInfoResponse> {
        let group = self.members.get(request.state_id)?.group()?;
        let group_info = group.group_info_message_allowing_ext_commit(!request.external_tree)?.to_bytes()?.into();
        let tree = if request.external_tree { group.export_tree().to_bytes()? } else { Vec::new() };
        Ok(GroupInfoResponse { group_info, ratchet_tree: tree.into() })
    }

    fn state_auth(&mut self, request: StateId) -> Answer<StateAuthResponse> {
        Ok(StateAuthResponse { state_auth_secret: self.members.get(request.state_id)?.authenticator()? })
    }

    fn export(&mut self, request: ExportRequest) -> Answer<ExportResponse> {
        let group = self.members.get(request.state_id)?.group()?;
        let secret = group.export_secret(request.label.as_bytes(), &request.context, request.key_length)?;
        Ok(ExportResponse { exported_secret: secret.as_bytes().into() })
    }

    fn protect(&mut self, request: ProtectRequest) -> Answer<ProtectResponse> {
        let group = self.members.get(request.state_id)?.group()?;
        let message = group.encrypt_application_message(&request.plaintext, request.authenticated_data.into())?;
        Ok(ProtectResponse { ciphertext: message.to_bytes()?.into() })
    }

    fn unprotect(&mut self, request: UnprotectRequest) -> Answer<UnprotectResponse> {
        self.members.get(request.state_id)?.unprotect(&request.ciphertext)
    }

    fn store_psk(&mut self, request: StorePskRequest) -> Answer<Empty> {
        self.members.get(request.state_or_transaction_id)?.store_psk(&request.psk_id, &request.psk_secret);
        Ok(Empty {})
    }

    fn add_proposal(&mut self, request: AddProposalRequest) -> Answer<ProposalResponse> {
        let key_package = message(&request.key_package)?;
        self.members.get(request.state_id)?.propose(|group| group.propose_add(key_package, Vec::new()))
    }

    fn update_proposal(&mut self, request: StateId) -> Answer<ProposalResponse> {
        self.members.get(request.state_id)?.propose(|group| group.propose_update(Vec::new()))
    }

    fn remove_proposal(&mut self, request: RemoveProposalRequest) -> Answer<ProposalResponse> {
        let member = self.members.get(request.state_id)?;
        let removed = leaf(&member.group()?.roster().members(), &request.removed_id)?;
        member.propose(|group| group.propose_remove(removed, Vec::new()))
    }

    fn external_psk_proposal(&mut self, request: ExternalPskProposalRequest) -> Answer<ProposalResponse> {
        let id = ExternalPskId::new(request.psk_id.into());
        self.members.get(request.state_id)?.propose(|group| group.propose_external_psk(id, Vec::new()))
    }

    fn resumption_psk_proposal(&mut self, request: ResumptionPskProposalRequest) -> Answer<ProposalResponse> {
        let epoch = request.epoch_id.0;
        self.members.get(request.state_id)?.propose(|group| group.propose_resumption_psk(epoch, Vec::new()))
    }

    fn group_context_extensions_proposal(&mut self, request: ExtensionsProposalRequest) -> Answer<ProposalResponse> {
        let list = identity::extensions(&request.extensions);
        self.members.get(request.state_id)?.propose(|group| group.propose_group_context_extensions(list, Vec::new()))
    }

    fn commit(&mut self, request: CommitRequest) -> Answer<CommitResponse> {
        self.members.get(request.state_id)?.commit(&request)
    }

    fn handle_commit(&mut self, request: HandleCommitRequest) -> Answer<StateResponse> {
        let member = self.members.get(request.state_id)?;
        member.follow(&request.commit, &request.proposal)?;
        member.response(request.state_id)
    }

    fn handle_pending_commit(&mut self, request: StateId) -> Answer<StateResponse> {
        let member = self.members.get(request.state_id)?;
        member.accept()?;
        member.response(request.state_id)
    }

    fn re_init_proposal(&mut self, request: ReInitProposalRequest) -> Answer<ProposalResponse> {
        let (suite, list) = (request.cipher_suite.into(), identity::extensions(&request.extensions));
        self.members.get(request.state_id)?.propose(|group| {
            group.propose_reinit(Some(request.group_id.into()), ProtocolVersion::MLS_10, suite, list, Vec::new())
        })
    }

    fn re_init_commit(&mut self, request: CommitRequest) -> Answer<CommitResponse> {
        self.commit(request)
    }

    fn handle_pending_re_init_commit(&mut self, request: StateId) -> Answer<ReInitResponse> {
        let effect = self.members.get(request.state_id)?.accept()?;
        self.re_initialized(request.state_id, &effect)
    }

    fn handle_re_init_commit(&mut self, request: HandleCommitRequest) -> Answer<ReInitResponse> {
        let effect = self.members.get(request.state_id)?.follow(&request.commit, &request.proposal)?;
        self.re_initialized(request.state_id, &effect)
    }

    fn re_init_welcome(&mut self, request: ReInitWelcomeRequest) -> Answer<CreateSubgroupResponse> {
        self.create_successor(&request)
    }

    fn handle_re_init_welcome(&mut self, request: HandleReInitWelcomeRequest) -> Answer<StateResponse> {
        self.join_successor(&request)
    }

    fn create_branch(&mut self, request: CreateBranchRequest) -> Answer<CreateSubgroupResponse> {
        self.create_branch_of(&request)
    }

    fn handle_branch(&mut self, request: HandleBranchRequest) -> Answer<StateResponse> {
        self.join_branch(&request)
    }

    fn new_member_add_proposal(
        &mut self,
        request: NewMemberAddProposalRequest,
    ) -> Answer<NewMemberAddProposalResponse> {
        let device = self.device(Self::suite_of(&request.group_info)?, &request.identity)?;
        let proposal = device.client.external_add_proposal(
            &message(&request.group_info)?,
            None,
            Vec::new(),
            Default::default(),
            Default::default(),
            None,
        )?;
        let proposal = proposal.to_bytes()?.into();
        let transaction_id = self.members.add(Member::new(device));
        Ok(NewMemberAddProposalResponse { transaction_id, proposal, ..Default::default() })
    }

    fn create_external_signer(&mut self, request: IdentityRequest) -> Answer<CreateExternalSignerResponse> {
        let signer = Signer::new(Identity::new(request.cipher_suite.into(), &request.identity)?);
        let external_sender = signer.external_sender()?;
        Ok(CreateExternalSignerResponse { signer_id: self.signers.add(signer), external_sender })
    }

    fn add_external_signer(&mut self, request: AddExternalSignerRequest) -> Answer<ProposalResponse> {
        outside::propose_external_sender(self.members.get(request.state_id)?, &request.external_sender)
    }

    fn external_signer_proposal(&mut self, request: ExternalSignerProposalRequest) -> Answer<ProposalResponse> {
        self.signers.get(request.signer_id)?.propose(&request)
    }

    fn free(&mut self, request: StateId) -> Answer<Empty> {
        self.members.take(request.state_id)?;
        Ok(Empty {})
    }
}

fn main() -> std::io::Result<()> {
    serve(&mut MlsRs::default())
}
