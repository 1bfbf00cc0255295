//! A party of the benchmark: an implementation behind lines of JSON on standard input and output. The calls are
//! those of `bench/scenario/protocol.ts`.

mod answering;
mod bytes;
mod clock;

use std::error::Error;

pub use answering::serve;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

pub type Answer<T> = Result<T, Box<dyn Error>>;

/// Who is measured, and on what.
#[derive(Serialize)]
pub struct Description {
    pub implementation: &'static str,
    pub version: &'static str,
    pub runtime: String,
    pub threads: usize,
}

/// A member to remove.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Removal {
    pub leaf_index: u32,
}

/// What a commit is to do.
pub struct Changes<'a> {
    pub add: Vec<&'a [u8]>,
    pub remove: &'a [Removal],
    pub path: bool,
    pub tree_in_welcome: bool,
}

pub struct Committed {
    pub commit: Vec<u8>,
    pub welcome: Option<Vec<u8>>,
}

/// What two members must agree on after every epoch.
pub struct Facts {
    pub members: usize,
    pub epoch: u64,
    /// MLS-Exporter("exporter", "", 32)
    pub exported: Vec<u8>,
}

/// An implementation of MLS as the benchmark sees it. Every method is timed from bytes to bytes.
pub trait Implementation {
    type Client;
    type Group;

    fn description() -> Description;
    fn client(name: &str) -> Answer<Self::Client>;
    fn key_package(client: &Self::Client) -> Answer<Vec<u8>>;
    fn create_group(client: &Self::Client) -> Answer<Self::Group>;
    fn join(client: &Self::Client, welcome: &[u8]) -> Answer<Self::Group>;
    /// Makes a commit and enters its epoch.
    fn commit(client: &Self::Client, group: &mut Self::Group, changes: Changes) -> Answer<Committed>;
    /// Takes a commit and enters its epoch.
    fn process(client: &Self::Client, group: &mut Self::Group, commit: &[u8]) -> Answer<()>;
    fn encrypt(client: &Self::Client, group: &mut Self::Group, data: &[u8]) -> Answer<Vec<u8>>;
    fn decrypt(client: &Self::Client, group: &mut Self::Group, message: &[u8]) -> Answer<Vec<u8>>;
    fn save(client: &Self::Client, group: &mut Self::Group) -> Answer<Vec<u8>>;
    /// Brings a group back into a client that may have forgotten it.
    fn restore(client: &mut Self::Client, saved: &[u8]) -> Answer<Self::Group>;
    fn facts(client: &Self::Client, group: &Self::Group) -> Answer<Facts>;
}
