//! The calls, as `interop/client.ts` describes them.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Answer, Bytes, Epoch, Refusal};

macro_rules! calls {
    ($($name:literal $method:ident($request:ty) -> $answer:ty;)*) => {
        /// A library behind the protocol. What it does not implement, it does not support.
        pub trait Peer {
            $(fn $method(&mut self, request: $request) -> Answer<$answer> {
                let _ = request;
                Err(Refusal::unsupported($name))
            })*
        }

        pub(crate) fn dispatch(peer: &mut impl Peer, method: &str, request: Value) -> Answer<Value> {
            match method {
                $($name => written(peer.$method(read(request)?)?),)*
                _ => Err(Refusal::misuse(format!("no method {method}"))),
            }
        }
    };
}

calls! {
    "name" name(Empty) -> NameResponse;
    "supportedCiphersuites" supported_ciphersuites(Empty) -> SupportedCiphersuitesResponse;
    "createGroup" create_group(CreateGroupRequest) -> StateId;
    "createKeyPackage" create_key_package(IdentityRequest) -> CreateKeyPackageResponse;
    "joinGroup" join_group(JoinGroupRequest) -> StateResponse;
    "externalJoin" external_join(ExternalJoinRequest) -> ExternalJoinResponse;
    "groupInfo" group_info(GroupInfoRequest) -> GroupInfoResponse;
    "stateAuth" state_auth(StateId) -> StateAuthResponse;
    "export" export(ExportRequest) -> ExportResponse;
    "protect" protect(ProtectRequest) -> ProtectResponse;
    "unprotect" unprotect(UnprotectRequest) -> UnprotectResponse;
    "storePSK" store_psk(StorePskRequest) -> Empty;
    "addProposal" add_proposal(AddProposalRequest) -> ProposalResponse;
    "updateProposal" update_proposal(StateId) -> ProposalResponse;
    "removeProposal" remove_proposal(RemoveProposalRequest) -> ProposalResponse;
    "externalPSKProposal" external_psk_proposal(ExternalPskProposalRequest) -> ProposalResponse;
    "resumptionPSKProposal" resumption_psk_proposal(ResumptionPskProposalRequest) -> ProposalResponse;
    "groupContextExtensionsProposal" group_context_extensions_proposal(ExtensionsProposalRequest) -> ProposalResponse;
    "commit" commit(CommitRequest) -> CommitResponse;
    "handleCommit" handle_commit(HandleCommitRequest) -> StateResponse;
    "handlePendingCommit" handle_pending_commit(StateId) -> StateResponse;
    "reInitProposal" re_init_proposal(ReInitProposalRequest) -> ProposalResponse;
    "reInitCommit" re_init_commit(CommitRequest) -> CommitResponse;
    "handlePendingReInitCommit" handle_pending_re_init_commit(StateId) -> ReInitResponse;
    "handleReInitCommit" handle_re_init_commit(HandleCommitRequest) -> ReInitResponse;
    "reInitWelcome" re_init_welcome(ReInitWelcomeRequest) -> CreateSubgroupResponse;
    "handleReInitWelcome" handle_re_init_welcome(HandleReInitWelcomeRequest) -> StateResponse;
    "createBranch" create_branch(CreateBranchRequest) -> CreateSubgroupResponse;
    "handleBranch" handle_branch(HandleBranchRequest) -> StateResponse;
    "newMemberAddProposal" new_member_add_proposal(NewMemberAddProposalRequest) -> NewMemberAddProposalResponse;
    "createExternalSigner" create_external_signer(IdentityRequest) -> CreateExternalSignerResponse;
    "addExternalSigner" add_external_signer(AddExternalSignerRequest) -> ProposalResponse;
    "externalSignerProposal" external_signer_proposal(ExternalSignerProposalRequest) -> ProposalResponse;
    "free" free(StateId) -> Empty;
}

fn read<T: DeserializeOwned>(request: Value) -> Answer<T> {
    serde_json::from_value(request).map_err(|error| Refusal::misuse(error.to_string()))
}

fn written<T: Serialize>(answer: T) -> Answer<Value> {
    serde_json::to_value(answer).map_err(|error| Refusal::misuse(error.to_string()))
}

macro_rules! requests {
    ($($name:ident { $($field:ident: $kind:ty),* $(,)? })*) => {
        $(#[derive(Debug, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name { $(pub $field: $kind),* })*
    };
}

macro_rules! answers {
    ($($name:ident { $($field:ident: $kind:ty),* $(,)? })*) => {
        $(#[derive(Debug, Default, Serialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name { $(pub $field: $kind),* })*
    };
}

#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Empty {}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StateId {
    pub state_id: u32,
}

/// A proposal by value; the fields that its type needs are there, the others are empty.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProposalDescription {
    pub proposal_type: String,
    pub key_package: Bytes,
    pub removed_id: Bytes,
    pub psk_id: Bytes,
    pub epoch_id: Epoch,
    pub extensions: Vec<Extension>,
    pub group_id: Bytes,
    pub cipher_suite: u16,
}

requests! {
    CreateGroupRequest { group_id: Bytes, cipher_suite: u16, encrypt_handshake: bool, identity: Bytes }
    IdentityRequest { cipher_suite: u16, identity: Bytes }
    JoinGroupRequest {
        transaction_id: u32, welcome: Bytes, encrypt_handshake: bool, identity: Bytes, ratchet_tree: Bytes,
    }
    PreSharedKey { psk_id: Bytes, psk_secret: Bytes }
    ExternalJoinRequest {
        group_info: Bytes, ratchet_tree: Bytes, encrypt_handshake: bool, identity: Bytes, remove_prior: bool,
        psks: Vec<PreSharedKey>,
    }
    GroupInfoRequest { state_id: u32, external_tree: bool }
    ExportRequest { state_id: u32, label: String, context: Bytes, key_length: usize }
    ProtectRequest { state_id: u32, authenticated_data: Bytes, plaintext: Bytes }
    UnprotectRequest { state_id: u32, ciphertext: Bytes }
    StorePskRequest { state_or_transaction_id: u32, psk_id: Bytes, psk_secret: Bytes }
    AddProposalRequest { state_id: u32, key_package: Bytes }
    RemoveProposalRequest { state_id: u32, removed_id: Bytes }
    ExternalPskProposalRequest { state_id: u32, psk_id: Bytes }
    ResumptionPskProposalRequest { state_id: u32, epoch_id: Epoch }
    Extension { extension_type: u16, extension_data: Bytes }
    ExtensionsProposalRequest { state_id: u32, extensions: Vec<Extension> }
    CommitRequest {
        state_id: u32, by_reference: Vec<Bytes>, by_value: Vec<ProposalDescription>, force_path: bool,
        external_tree: bool,
    }
    HandleCommitRequest { state_id: u32, proposal: Vec<Bytes>, commit: Bytes }
    ReInitProposalRequest { state_id: u32, cipher_suite: u16, group_id: Bytes, extensions: Vec<Extension> }
    ReInitWelcomeRequest { reinit_id: u32, key_package: Vec<Bytes>, force_path: bool, external_tree: bool }
    HandleReInitWelcomeRequest { reinit_id: u32, welcome: Bytes, ratchet_tree: Bytes }
    CreateBranchRequest {
        state_id: u32, group_id: Bytes, extensions: Vec<Extension>, key_packages: Vec<Bytes>, force_path: bool,
        external_tree: bool,
    }
    HandleBranchRequest { state_id: u32, transaction_id: u32, welcome: Bytes, ratchet_tree: Bytes }
    NewMemberAddProposalRequest { group_info: Bytes, identity: Bytes }
    AddExternalSignerRequest { state_id: u32, external_sender: Bytes }
    ExternalSignerProposalRequest {
        signer_id: u32, signer_index: u32, group_info: Bytes, ratchet_tree: Bytes, description: ProposalDescription,
    }
}

answers! {
    NameResponse { name: String }
    SupportedCiphersuitesResponse { ciphersuites: Vec<u16> }
    CreateKeyPackageResponse {
        transaction_id: u32, key_package: Bytes, init_priv: Bytes, encryption_priv: Bytes, signature_priv: Bytes,
    }
    StateResponse { state_id: u32, epoch_authenticator: Bytes }
    ExternalJoinResponse { state_id: u32, epoch_authenticator: Bytes, commit: Bytes }
    GroupInfoResponse { group_info: Bytes, ratchet_tree: Bytes }
    StateAuthResponse { state_auth_secret: Bytes }
    ExportResponse { exported_secret: Bytes }
    ProtectResponse { ciphertext: Bytes }
    UnprotectResponse { authenticated_data: Bytes, plaintext: Bytes }
    ProposalResponse { proposal: Bytes }
    CommitResponse { commit: Bytes, welcome: Bytes, ratchet_tree: Bytes }
    ReInitResponse { reinit_id: u32, key_package: Bytes, epoch_authenticator: Bytes }
    CreateSubgroupResponse { state_id: u32, epoch_authenticator: Bytes, welcome: Bytes, ratchet_tree: Bytes }
    NewMemberAddProposalResponse {
        transaction_id: u32, proposal: Bytes, init_priv: Bytes, encryption_priv: Bytes, signature_priv: Bytes,
    }
    CreateExternalSignerResponse { signer_id: u32, external_sender: Bytes }
}
