//! Members of OpenMLS behind the line protocol. The library creates and joins no successors of groups (ReInit, branch).

mod config;
mod member;
mod outside;
mod proposals;

use std::{collections::HashMap, rc::Rc};

use member::Member;
use openmls::prelude::{tls_codec::Serialize as _, *};
use openmls_basic_credential::SignatureKeyPair;
use outside::Signer;
use peer_protocol::*;

#[derive(Default)]
struct OpenMls {
    members: States<Member>,
    signers: States<Signer>,
    /// Every key pair there ever was, by its public key.
    keys: HashMap<Vec<u8>, Rc<SignatureKeyPair>>,
}

impl Peer for OpenMls {
    fn name(&mut self, _: Empty) -> Answer<NameResponse> {
        Ok(NameResponse { name: "OpenMLS".into() })
    }

    fn supported_ciphersuites(&mut self, _: Empty) -> Answer<SupportedCiphersuitesResponse> {
        Ok(SupportedCiphersuitesResponse { ciphersuites: config::SUITES.map(u16::from).to_vec() })
    }

    fn create_group(&mut self, request: CreateGroupRequest) -> Answer<StateId> {
        let suite = config::suite(request.cipher_suite)?;
        let mut member = Member::new(suite, request.identity)?;
        member.create(suite, &request.group_id, request.encrypt_handshake)?;
        Ok(StateId { state_id: self.add(member) })
    }

    fn create_key_package(&mut self, request: IdentityRequest) -> Answer<CreateKeyPackageResponse> {
        let suite = config::suite(request.cipher_suite)?;
        let member = Member::new(suite, request.identity)?;
        let key_package = MlsMessageOut::from(member.key_package(suite)?).to_bytes()?.into();
        Ok(CreateKeyPackageResponse { transaction_id: self.add(member), key_package, ..Default::default() })
    }

    fn join_group(&mut self, request: JoinGroupRequest) -> Answer<StateResponse> {
        let member = self.members.get(request.transaction_id)?;
        member.join(&request.welcome, &request.ratchet_tree, request.encrypt_handshake)?;
        member.response(request.transaction_id)
    }

    fn external_join(&mut self, request: ExternalJoinRequest) -> Answer<ExternalJoinResponse> {
        let mut member = if request.remove_prior {
            self.returning(&request)?
        } else {
            Member::new(config::group_info(&request.group_info)?.ciphersuite(), request.identity)?
        };
        let response = member.external_join(
            &request.group_info,
            &request.ratchet_tree,
            request.encrypt_handshake,
            &request.psks,
        )?;
        Ok(ExternalJoinResponse { state_id: self.add(member), ..response })
    }

    fn group_info(&mut self, request: GroupInfoRequest) -> Answer<GroupInfoResponse> {
        let (group, provider, signer) = self.members.get(request.state_id)?.parts()?;
        let group_info = group.export_group_info(provider.crypto(), signer, !request.external_tree)?.to_bytes()?;
        let ratchet_tree = match request.external_tree {
            true => group.export_ratchet_tree().tls_serialize_detached()?,
            false => Vec::new(),
        };
        Ok(GroupInfoResponse { group_info: group_info.into(), ratchet_tree: ratchet_tree.into() })
    }

    fn state_auth(&mut self, request: StateId) -> Answer<StateAuthResponse> {
        let StateResponse { epoch_authenticator, .. } = self.members.get(request.state_id)?.response(0)?;
        Ok(StateAuthResponse { state_auth_secret: epoch_authenticator })
    }

    fn export(&mut self, request: ExportRequest) -> Answer<ExportResponse> {
        let (group, provider, _) = self.members.get(request.state_id)?.parts()?;
        let secret = group.export_secret(provider.crypto(), &request.label, &request.context, request.key_length)?;
        Ok(ExportResponse { exported_secret: secret.into() })
    }

    fn protect(&mut self, request: ProtectRequest) -> Answer<ProtectResponse> {
        let member = self.members.get(request.state_id)?;
        member.take(&[])?;
        let (group, provider, signer) = member.parts()?;
        group.set_aad(request.authenticated_data.into());
        let message = group.create_message(provider, signer, &request.plaintext)?;
        Ok(ProtectResponse { ciphertext: message.to_bytes()?.into() })
    }

    fn unprotect(&mut self, request: UnprotectRequest) -> Answer<UnprotectResponse> {
        let message = self.members.get(request.state_id)?.process(&request.ciphertext)?;
        let authenticated_data = message.aad().into();
        match message.into_content() {
            ProcessedMessageContent::ApplicationMessage(message) => {
                Ok(UnprotectResponse { authenticated_data, plaintext: message.into_bytes().into() })
            }
            other => Err(Refusal::refused(format!("not application data: {other:?}"))),
        }
    }

    fn store_psk(&mut self, request: StorePskRequest) -> Answer<Empty> {
        let member = self.members.get(request.state_or_transaction_id)?;
        member.store_psk(&request.psk_id, &request.psk_secret)?;
        Ok(Empty {})
    }

    fn add_proposal(&mut self, request: AddProposalRequest) -> Answer<ProposalResponse> {
        self.members.get(request.state_id)?.propose_add(&request.key_package)
    }

    fn update_proposal(&mut self, request: StateId) -> Answer<ProposalResponse> {
        self.members.get(request.state_id)?.propose_update()
    }

    fn remove_proposal(&mut self, request: RemoveProposalRequest) -> Answer<ProposalResponse> {
        self.members.get(request.state_id)?.propose_remove(&request.removed_id)
    }

    fn external_psk_proposal(&mut self, request: ExternalPskProposalRequest) -> Answer<ProposalResponse> {
        self.members.get(request.state_id)?.propose_external_psk(&request.psk_id)
    }

    fn resumption_psk_proposal(&mut self, request: ResumptionPskProposalRequest) -> Answer<ProposalResponse> {
        self.members.get(request.state_id)?.propose_resumption_psk(request.epoch_id)
    }

    fn group_context_extensions_proposal(&mut self, request: ExtensionsProposalRequest) -> Answer<ProposalResponse> {
        self.members.get(request.state_id)?.propose_extension_list(&request.extensions)
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

    fn new_member_add_proposal(
        &mut self,
        request: NewMemberAddProposalRequest,
    ) -> Answer<NewMemberAddProposalResponse> {
        let (member, proposal) = outside::new_member_add(&request)?;
        Ok(NewMemberAddProposalResponse { transaction_id: self.add(member), proposal, ..Default::default() })
    }

    fn create_external_signer(&mut self, request: IdentityRequest) -> Answer<CreateExternalSignerResponse> {
        let signer = Signer::new(config::suite(request.cipher_suite)?, &request.identity)?;
        let external_sender = signer.external_sender()?;
        Ok(CreateExternalSignerResponse { signer_id: self.signers.add(signer), external_sender })
    }

    fn add_external_signer(&mut self, request: AddExternalSignerRequest) -> Answer<ProposalResponse> {
        let member = self.members.get(request.state_id)?;
        let extensions = outside::with_external_sender(member.group()?, &request.external_sender)?;
        member.propose_extensions(extensions)
    }

    fn external_signer_proposal(&mut self, request: ExternalSignerProposalRequest) -> Answer<ProposalResponse> {
        self.signers.get(request.signer_id)?.propose(&request)
    }

    fn free(&mut self, request: StateId) -> Answer<Empty> {
        self.members.take(request.state_id)?;
        Ok(Empty {})
    }
}

impl OpenMls {
    fn add(&mut self, member: Member) -> u32 {
        self.keys.insert(member.signer.public().to_vec(), member.signer.clone());
        self.members.add(member)
    }

    /// The library finds a prior appearance by its signature key, so whoever comes back comes back with the same key.
    fn returning(&self, request: &ExternalJoinRequest) -> Answer<Member> {
        let keys = outside::signature_keys(&request.group_info, &request.ratchet_tree, &request.identity)?;
        keys.iter()
            .find_map(|key| self.keys.get(key))
            .map(|signer| Member::with_signer(signer.clone(), request.identity.clone()))
            .ok_or_else(|| Refusal::unsupported("a resync without the signature key of the prior appearance"))
    }
}

fn main() -> std::io::Result<()> {
    serve(&mut OpenMls::default())
}
