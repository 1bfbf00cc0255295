use std::fmt::Debug;

use serde::Serialize;

/// What a call comes to.
pub type Answer<T> = Result<T, Refusal>;

/// Why a call has no answer.
#[derive(Debug, Serialize)]
pub struct Refusal {
    kind: Kind,
    message: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    /// The library has no such operation.
    Unsupported,
    /// The library was asked and said no; the message is its error.
    Refused,
    /// The runner asked for something that makes no sense, such as a state that is not there.
    Misuse,
}

impl Refusal {
    pub fn unsupported(what: impl Into<String>) -> Self {
        Self { kind: Kind::Unsupported, message: what.into() }
    }

    pub fn refused(why: impl Into<String>) -> Self {
        Self { kind: Kind::Refused, message: why.into() }
    }

    pub fn misuse(why: impl Into<String>) -> Self {
        Self { kind: Kind::Misuse, message: why.into() }
    }
}

/// The `Debug` form of a library's error names all its layers, which `Display` often hides.
impl<E: std::error::Error + Debug> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::refused(format!("{error:?}"))
    }
}
