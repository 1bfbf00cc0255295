//! Successors of groups: re-initialization and branches (sections 11.2 and 11.3).

use mls_rs::{
    CipherSuite, Group, MlsMessage,
    group::{CommitEffect, ReinitClient},
};
use peer_protocol::{
    Answer, Bytes, CreateBranchRequest, CreateSubgroupResponse, HandleBranchRequest, HandleReInitWelcomeRequest,
    ReInitResponse, ReInitWelcomeRequest, Refusal, StateResponse,
};

use crate::{
    MlsRs,
    identity::{Config, Identity, extensions, message, ratchet_tree},
    member::Member,
};

impl MlsRs {
    pub fn re_initialized(&mut self, reinit_id: u32, effect: &CommitEffect) -> Answer<ReInitResponse> {
        let CommitEffect::ReInit(info) = effect else {
            return Err(Refusal::refused("the commit holds no ReInit"));
        };
        let suite = info.proposal.new_cipher_suite();
        let key_package = self.reinit_client(reinit_id, suite)?.generate_key_package(None)?.to_bytes()?.into();
        let epoch_authenticator = self.members.get(reinit_id)?.authenticator()?;
        Ok(ReInitResponse { reinit_id, key_package, epoch_authenticator })
    }

    /// The client that goes on under the successor's suite, with this identity's key pair of that suite.
    fn reinit_client(&mut self, reinit_id: u32, suite: CipherSuite) -> Answer<ReinitClient<Config>> {
        let name = self.members.get(reinit_id)?.device.identity.signing.credential.as_basic().cloned();
        let name = name.ok_or_else(|| Refusal::misuse("no basic credential"))?;
        let Identity { signer, signing, .. } = self.identity(suite, name.identifier())?;
        self.successors.insert(reinit_id, suite);
        // A successor may have the same group ID, and the store knows groups by nothing else.
        let member = self.members.get(reinit_id)?;
        let ended = member.group()?.group_id().to_vec();
        member.device.groups.delete_group(&ended);
        Ok(self.members.get(reinit_id)?.group()?.clone().get_reinit_client(Some(signer), Some(signing))?)
    }

    fn successor_suite(&self, reinit_id: u32) -> Answer<CipherSuite> {
        self.successors.get(&reinit_id).copied().ok_or_else(|| Refusal::misuse("no ReInit has ended this group"))
    }

    pub fn create_successor(&mut self, request: &ReInitWelcomeRequest) -> Answer<CreateSubgroupResponse> {
        let suite = self.successor_suite(request.reinit_id)?;
        self.wish(request.reinit_id, request.force_path, request.external_tree)?;
        let client = self.reinit_client(request.reinit_id, suite)?;
        let (group, welcomes) = client.commit(messages(&request.key_package)?, Default::default(), None)?;
        self.enter_successor(request.reinit_id, suite, &group)?;
        created(request.reinit_id, &group, &welcomes, request.external_tree)
    }

    pub fn join_successor(&mut self, request: &HandleReInitWelcomeRequest) -> Answer<StateResponse> {
        let suite = self.successor_suite(request.reinit_id)?;
        let client = self.reinit_client(request.reinit_id, suite)?;
        let (group, _) = client.join(&message(&request.welcome)?, ratchet_tree(&request.ratchet_tree)?, None)?;
        self.enter_successor(request.reinit_id, suite, &group)?;
        self.members.get(request.reinit_id)?.response(request.reinit_id)
    }

    fn enter_successor(&mut self, reinit_id: u32, suite: CipherSuite, group: &Group<Config>) -> Answer<()> {
        self.successors.remove(&reinit_id);
        let member = self.members.get(reinit_id)?;
        member.device.identity.suite = suite;
        member.device.identity.signing = group.current_member_signing_identity()?.clone();
        member.enter(group.clone())
    }

    pub fn create_branch_of(&mut self, request: &CreateBranchRequest) -> Answer<CreateSubgroupResponse> {
        self.wish(request.state_id, request.force_path, request.external_tree)?;
        let member = self.members.get(request.state_id)?;
        if *member.group()?.context().extensions() != extensions(&request.extensions) {
            return Err(Refusal::unsupported("a branch with other extensions than the group's"));
        }
        let (group, welcomes) =
            member.group()?.branch(request.group_id.to_vec(), messages(&request.key_packages)?, None)?;
        let branch = Member::with_group(member.device.clone(), group.clone())?;
        let state_id = self.members.add(branch);
        created(state_id, &group, &welcomes, request.external_tree)
    }

    pub fn join_branch(&mut self, request: &HandleBranchRequest) -> Answer<StateResponse> {
        let waiting = self.members.get(request.transaction_id)?.device.key_packages.key_packages();
        let member = self.members.get(request.state_id)?;
        for (reference, key_package) in waiting {
            member.device.key_packages.insert(reference, key_package);
        }
        let tree = ratchet_tree(&request.ratchet_tree)?;
        let (group, _) = member.group()?.join_subgroup(&message(&request.welcome)?, tree, None)?;
        let branch = Member::with_group(member.device.clone(), group)?;
        let state_id = self.members.add(branch);
        self.members.get(state_id)?.response(state_id)
    }

    fn wish(&mut self, id: u32, force_path: bool, external_tree: bool) -> Answer<()> {
        let member = self.members.get(id)?;
        let mut wishes = member.device.rules.wishes();
        (wishes.force_path, wishes.external_tree) = (force_path, external_tree);
        Ok(())
    }
}

fn messages(list: &[Bytes]) -> Answer<Vec<MlsMessage>> {
    list.iter().map(|bytes| message(bytes)).collect()
}

fn created(
    state_id: u32,
    group: &Group<Config>,
    welcomes: &[MlsMessage],
    external_tree: bool,
) -> Answer<CreateSubgroupResponse> {
    let welcome = welcomes.first().map(MlsMessage::to_bytes).transpose()?.unwrap_or_default();
    let tree = if external_tree { group.export_tree().to_bytes()? } else { Vec::new() };
    let epoch_authenticator = group.epoch_authenticator()?.to_vec().into();
    Ok(CreateSubgroupResponse { state_id, epoch_authenticator, welcome: welcome.into(), ratchet_tree: tree.into() })
}
