use std::io::{BufRead, Write, stdin, stdout};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Answer, Peer, Refusal, dispatch};

#[derive(Deserialize)]
struct Line {
    method: String,
    request: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Reply {
    Answer(Value),
    Error(Refusal),
}

/// Answers the requests of standard input on standard output until the input ends.
pub fn serve(peer: &mut impl Peer) -> std::io::Result<()> {
    let mut output = stdout().lock();
    for line in stdin().lock().lines() {
        let reply = match answer(peer, &line?) {
            Ok(answer) => Reply::Answer(answer),
            Err(refusal) => Reply::Error(refusal),
        };
        serde_json::to_writer(&mut output, &reply)?;
        output.write_all(b"\n")?;
        output.flush()?;
    }
    Ok(())
}

fn answer(peer: &mut impl Peer, line: &str) -> Answer<Value> {
    let line: Line = serde_json::from_str(line).map_err(|error| Refusal::misuse(error.to_string()))?;
    dispatch(peer, &line.method, line.request)
}
