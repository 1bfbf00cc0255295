use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

const MARK: &str = "b64,";

/// A byte string: on the line a string that starts with "b64," and goes on in base64.
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::from(MARK);
        BASE64_STANDARD.encode_string(&self.0, &mut text);
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let base64 = text.strip_prefix(MARK).ok_or_else(|| D::Error::custom("not a byte string"))?;
        BASE64_STANDARD.decode(base64).map(Self).map_err(D::Error::custom)
    }
}
