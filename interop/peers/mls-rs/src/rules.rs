//! What the application above mls-rs decides: which proposals a commit takes, and how messages are framed.

use std::{
    collections::HashSet,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard},
};

use mls_rs::{
    MlsRules,
    group::{GroupContext, Roster},
    mls_rules::{CommitDirection, CommitOptions, CommitSource, EncryptionOptions, ProposalBundle},
};

#[derive(Debug, Default)]
pub struct Wishes {
    pub encrypt_handshake: bool,
    pub force_path: bool,
    pub external_tree: bool,
    /// The references of the proposals that the commit at hand takes. The library would take all that it knows.
    pub by_reference: HashSet<Vec<u8>>,
}

/// Shared by a client and its groups.
#[derive(Clone, Debug, Default)]
pub struct Rules(Arc<Mutex<Wishes>>);

impl Rules {
    pub fn wishes(&self) -> MutexGuard<'_, Wishes> {
        self.0.lock().expect("one thread")
    }
}

impl MlsRules for Rules {
    type Error = Infallible;

    fn filter_proposals(
        &self,
        direction: CommitDirection,
        _: CommitSource,
        _: &Roster,
        _: &GroupContext,
        mut proposals: ProposalBundle,
    ) -> Result<ProposalBundle, Infallible> {
        if direction == CommitDirection::Send {
            let wishes = self.wishes();
            proposals.retain(|proposal| {
                Ok::<_, Infallible>(
                    proposal.proposal_ref().is_none_or(|reference| wishes.by_reference.contains(reference.as_slice())),
                )
            })?;
        }
        Ok(proposals)
    }

    fn commit_options(&self, _: &Roster, _: &GroupContext, _: &ProposalBundle) -> Result<CommitOptions, Infallible> {
        let wishes = self.wishes();
        Ok(CommitOptions::new()
            .with_path_required(wishes.force_path)
            .with_ratchet_tree_extension(!wishes.external_tree)
            .with_single_welcome_message(true))
    }

    fn encryption_options(&self, _: &Roster, _: &GroupContext) -> Result<EncryptionOptions, Infallible> {
        let mut options = EncryptionOptions::default();
        options.encrypt_control_messages = self.wishes().encrypt_handshake;
        Ok(options)
    }
}
