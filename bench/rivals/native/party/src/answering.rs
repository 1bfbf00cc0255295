//! Answers the calls: the only place where a clock is read.

use std::{
    collections::HashMap,
    io::{BufRead, Write, stdin, stdout},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Answer, Bytes, Changes, Committed, Facts, Implementation, Removal, clock::Clock};

#[derive(Deserialize)]
struct Line {
    call: String,
    request: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Reply {
    Reply(Value),
    Error(String),
}

#[derive(Deserialize)]
struct Named {
    member: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AddMany {
    member: String,
    key_packages: Vec<Bytes>,
}

#[derive(Deserialize)]
struct Join {
    member: String,
    welcome: Bytes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Commit {
    member: String,
    add: Vec<Bytes>,
    remove: Vec<Removal>,
    path: bool,
    tree_in_welcome: bool,
}

#[derive(Deserialize)]
struct Process {
    member: String,
    commit: Bytes,
}

#[derive(Deserialize)]
struct Encrypt {
    member: String,
    count: usize,
    length: usize,
}

#[derive(Deserialize)]
struct Decrypt {
    member: String,
    messages: Vec<Bytes>,
}

/// Every reply: whatever a call does not have stays out of it.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    #[serde(skip_serializing_if = "Option::is_none")]
    milliseconds: Option<f64>,
    bytes: usize,
    /// Not counted here.
    operations: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exported: Option<Bytes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<Bytes>,
    welcome: Option<Bytes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_package: Option<Bytes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<Vec<Bytes>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plaintexts: Option<Vec<Bytes>>,
}

impl Fields {
    fn committed(milliseconds: f64, Committed { commit, welcome }: Committed) -> Self {
        let bytes = commit.len() + welcome.as_ref().map_or(0, Vec::len);
        let (commit, welcome) = (Some(Bytes(commit)), welcome.map(Bytes));
        Self { milliseconds: Some(milliseconds), bytes, commit, welcome, ..Self::default() }
    }

    fn timed(milliseconds: f64) -> Self {
        Self { milliseconds: Some(milliseconds), ..Self::default() }
    }

    fn with(self, Facts { members, epoch, exported }: Facts) -> Self {
        Self { members: Some(members), epoch: Some(epoch), exported: Some(Bytes(exported)), ..self }
    }
}

struct Member<I: Implementation> {
    client: I::Client,
    group: Option<I::Group>,
    saved: Vec<u8>,
}

/// Answers one call after the other until standard input ends.
pub fn serve<I: Implementation>() -> std::io::Result<()> {
    let mut party = Party::<I> { members: HashMap::new() };
    let mut output = stdout().lock();
    for line in stdin().lock().lines() {
        let reply = match party.answer(&line?) {
            Ok(reply) => Reply::Reply(reply),
            Err(error) => Reply::Error(error.to_string()),
        };
        serde_json::to_writer(&mut output, &reply)?;
        output.write_all(b"\n")?;
        output.flush()?;
    }
    Ok(())
}

struct Party<I: Implementation> {
    members: HashMap<String, Member<I>>,
}

impl<I: Implementation> Party<I> {
    fn answer(&mut self, line: &str) -> Answer<Value> {
        let Line { call, request } = serde_json::from_str(line)?;
        let fields = match call.as_str() {
            "hello" => return Ok(serde_json::to_value(I::description())?),
            "keyPackage" => self.key_package(parse(request)?)?,
            "addMany" => self.add_many(parse(request)?)?,
            "join" => self.join(parse(request)?)?,
            "commit" => self.commit(parse(request)?)?,
            "process" => self.process(parse(request)?)?,
            "encrypt" => self.encrypt(parse(request)?)?,
            "decrypt" => self.decrypt(parse(request)?)?,
            "save" => self.save(parse(request)?)?,
            "restore" => self.restore(parse(request)?)?,
            "close" => self.close(parse(request)?),
            _ => return Err(format!("no call {call}").into()),
        };
        Ok(serde_json::to_value(fields)?)
    }

    fn key_package(&mut self, Named { member }: Named) -> Answer<Fields> {
        let client = I::client(&member)?;
        let key_package = I::key_package(&client)?;
        self.members.insert(member, Member { client, group: None, saved: Vec::new() });
        Ok(Fields { key_package: Some(Bytes(key_package)), ..Fields::default() })
    }

    fn add_many(&mut self, AddMany { member, key_packages }: AddMany) -> Answer<Fields> {
        let client = I::client(&member)?;
        let mut group = I::create_group(&client)?;
        let changes = Changes { add: slices(&key_packages), remove: &[], path: false, tree_in_welcome: true };
        let (milliseconds, committed) = measure(|| I::commit(&client, &mut group, changes))?;
        let facts = I::facts(&client, &group)?;
        self.members.insert(member, Member { client, group: Some(group), saved: Vec::new() });
        Ok(Fields::committed(milliseconds, committed).with(facts))
    }

    fn join(&mut self, Join { member, welcome }: Join) -> Answer<Fields> {
        let member = self.member(&member)?;
        let (milliseconds, group) = measure(|| I::join(&member.client, &welcome.0))?;
        let facts = I::facts(&member.client, &group)?;
        member.group = Some(group);
        Ok(Fields::timed(milliseconds).with(facts))
    }

    fn commit(&mut self, Commit { member, add, remove, path, tree_in_welcome }: Commit) -> Answer<Fields> {
        let (client, group) = self.parts(&member)?;
        let changes = Changes { add: slices(&add), remove: &remove, path, tree_in_welcome };
        let (milliseconds, committed) = measure(|| I::commit(client, group, changes))?;
        Ok(Fields::committed(milliseconds, committed).with(I::facts(client, group)?))
    }

    fn process(&mut self, Process { member, commit }: Process) -> Answer<Fields> {
        let (client, group) = self.parts(&member)?;
        let (milliseconds, ()) = measure(|| I::process(client, group, &commit.0))?;
        Ok(Fields::timed(milliseconds).with(I::facts(client, group)?))
    }

    fn encrypt(&mut self, Encrypt { member, count, length }: Encrypt) -> Answer<Fields> {
        let (client, group) = self.parts(&member)?;
        let data: Vec<Vec<u8>> = (0..count).map(|index| plaintext(index, length)).collect();
        let (milliseconds, messages) =
            measure(|| data.iter().map(|each| I::encrypt(client, group, each)).collect::<Answer<Vec<_>>>())?;
        let bytes = messages.first().map_or(0, Vec::len);
        let messages = Some(messages.into_iter().map(Bytes).collect());
        Ok(Fields { bytes, messages, ..Fields::timed(milliseconds / count as f64) })
    }

    fn decrypt(&mut self, Decrypt { member, messages }: Decrypt) -> Answer<Fields> {
        let (client, group) = self.parts(&member)?;
        let (milliseconds, plaintexts) =
            measure(|| messages.iter().map(|each| I::decrypt(client, group, &each.0)).collect::<Answer<Vec<_>>>())?;
        let plaintexts = Some(plaintexts.into_iter().map(Bytes).collect());
        Ok(Fields { plaintexts, ..Fields::timed(milliseconds / messages.len() as f64) })
    }

    fn save(&mut self, Named { member }: Named) -> Answer<Fields> {
        let member = self.member(&member)?;
        let group = member.group.as_mut().ok_or("in no group")?;
        let (milliseconds, saved) = measure(|| I::save(&member.client, group))?;
        let bytes = saved.len();
        member.saved = saved;
        Ok(Fields { bytes, ..Fields::timed(milliseconds) })
    }

    fn restore(&mut self, Named { member }: Named) -> Answer<Fields> {
        let member = self.member(&member)?;
        member.group = None;
        let (milliseconds, group) = measure(|| I::restore(&mut member.client, &member.saved))?;
        let facts = I::facts(&member.client, &group)?;
        member.group = Some(group);
        Ok(Fields::timed(milliseconds).with(facts))
    }

    fn close(&mut self, Named { member }: Named) -> Fields {
        self.members.remove(&member);
        Fields::default()
    }

    fn member(&mut self, name: &str) -> Answer<&mut Member<I>> {
        self.members.get_mut(name).ok_or_else(|| format!("there is no member {name}").into())
    }

    fn parts(&mut self, name: &str) -> Answer<(&I::Client, &mut I::Group)> {
        let Member { client, group, .. } = self.member(name)?;
        Ok((client, group.as_mut().ok_or("in no group")?))
    }
}

fn parse<T: DeserializeOwned>(request: Value) -> Answer<T> {
    Ok(serde_json::from_value(request)?)
}

fn slices(list: &[Bytes]) -> Vec<&[u8]> {
    list.iter().map(|Bytes(bytes)| bytes.as_slice()).collect()
}

/// The plaintext of message number `index`, so that both sides know it.
fn plaintext(index: usize, length: usize) -> Vec<u8> {
    (0..length).map(|i| ((i * 7 + index) & 0xff) as u8).collect()
}

fn measure<T>(work: impl FnOnce() -> Answer<T>) -> Answer<(f64, T)> {
    let clock = Clock::start();
    let value = work()?;
    Ok((clock.elapsed().as_secs_f64() * 1000.0, value))
}
