use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use mls_rs::{
    MlsRules,
    group::{GroupContext, Roster},
    mls_rules::{CommitDirection, CommitOptions, CommitSource, EncryptionOptions, ProposalBundle},
};

/// What the commit at hand is to have; shared by a client and its groups.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    path: Arc<AtomicBool>,
    tree_in_welcome: Arc<AtomicBool>,
}

impl Rules {
    pub fn ask(&self, path: bool, tree_in_welcome: bool) {
        self.path.store(path, Relaxed);
        self.tree_in_welcome.store(tree_in_welcome, Relaxed);
    }
}

impl MlsRules for Rules {
    type Error = Infallible;

    fn filter_proposals(
        &self,
        _: CommitDirection,
        _: CommitSource,
        _: &Roster,
        _: &GroupContext,
        proposals: ProposalBundle,
    ) -> Result<ProposalBundle, Infallible> {
        Ok(proposals)
    }

    fn commit_options(&self, _: &Roster, _: &GroupContext, _: &ProposalBundle) -> Result<CommitOptions, Infallible> {
        Ok(CommitOptions::new()
            .with_path_required(self.path.load(Relaxed))
            .with_ratchet_tree_extension(self.tree_in_welcome.load(Relaxed))
            .with_single_welcome_message(true))
    }

    fn encryption_options(&self, _: &Roster, _: &GroupContext) -> Result<EncryptionOptions, Infallible> {
        let mut options = EncryptionOptions::default();
        options.encrypt_control_messages = true;
        Ok(options)
    }
}
