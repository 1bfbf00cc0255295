//! What members of OpenMLS are configured with, and the forms in which bytes become the library's types.

use openmls::prelude::{tls_codec::Deserialize as _, *};
use openmls_rust_crypto::OpenMlsRustCrypto;
use peer_protocol::{Answer, Bytes, Extension as WireExtension, Refusal};

/// How long members keep what late messages need: epochs, and generations of a sender within an epoch. Generous, so
/// that a run tests the protocol and not the defaults of a configuration.
const PAST_EPOCHS: usize = 32;
const RATCHETS: (u32, u32) = (128, 1000);

pub const SUITES: [Ciphersuite; 3] = [
    Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519,
    Ciphersuite::MLS_128_DHKEMP256_AES128GCM_SHA256_P256,
    Ciphersuite::MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519,
];

pub fn suite(number: u16) -> Answer<Ciphersuite> {
    SUITES
        .into_iter()
        .find(|suite| u16::from(*suite) == number)
        .ok_or_else(|| Refusal::unsupported(format!("cipher suite {number}")))
}

/// Members send one kind of handshake message and read both.
fn wire_format(encrypt_handshake: bool) -> WireFormatPolicy {
    if encrypt_handshake { MIXED_CIPHERTEXT_WIRE_FORMAT_POLICY } else { MIXED_PLAINTEXT_WIRE_FORMAT_POLICY }
}

pub fn create(suite: Ciphersuite, encrypt_handshake: bool) -> MlsGroupCreateConfig {
    MlsGroupCreateConfig::builder()
        .ciphersuite(suite)
        .capabilities(capabilities())
        .wire_format_policy(wire_format(encrypt_handshake))
        .max_past_epochs(PAST_EPOCHS)
        .number_of_resumption_psks(PAST_EPOCHS)
        .sender_ratchet_configuration(SenderRatchetConfiguration::new(RATCHETS.0, RATCHETS.1))
        .use_ratchet_tree_extension(true)
        .build()
}

pub fn join(encrypt_handshake: bool) -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(wire_format(encrypt_handshake))
        .max_past_epochs(PAST_EPOCHS)
        .number_of_resumption_psks(PAST_EPOCHS)
        .sender_ratchet_configuration(SenderRatchetConfiguration::new(RATCHETS.0, RATCHETS.1))
        .use_ratchet_tree_extension(true)
        .build()
}

pub fn capabilities() -> Capabilities {
    Capabilities::builder().ciphersuites(SUITES.to_vec()).build()
}

pub fn message(bytes: &[u8]) -> Answer<MlsMessageBodyIn> {
    Ok(MlsMessageIn::tls_deserialize_exact(bytes)?.extract())
}

pub fn key_package(provider: &OpenMlsRustCrypto, bytes: &[u8]) -> Answer<KeyPackage> {
    match message(bytes)? {
        MlsMessageBodyIn::KeyPackage(key_package) => {
            Ok(key_package.validate(provider.crypto(), ProtocolVersion::Mls10)?)
        }
        _ => Err(Refusal::refused("not a KeyPackage")),
    }
}

pub fn group_info(bytes: &[u8]) -> Answer<openmls::messages::group_info::VerifiableGroupInfo> {
    match message(bytes)? {
        MlsMessageBodyIn::GroupInfo(group_info) => Ok(group_info),
        _ => Err(Refusal::refused("not a GroupInfo")),
    }
}

/// A tree that travelled apart; `None` when the message holds it.
pub fn ratchet_tree(bytes: &[u8]) -> Answer<Option<RatchetTreeIn>> {
    if bytes.is_empty() {
        return Ok(None);
    }
    Ok(Some(RatchetTreeIn::tls_deserialize_exact(bytes)?))
}

pub fn extensions(list: &[WireExtension]) -> Answer<Extensions<GroupContext>> {
    let list = list
        .iter()
        .map(|WireExtension { extension_type, extension_data }| extension(*extension_type, extension_data))
        .collect::<Answer<Vec<_>>>()?;
    Ok(Extensions::from_vec(list)?)
}

fn extension(extension_type: u16, data: &Bytes) -> Answer<Extension> {
    Ok(match ExtensionType::from(extension_type) {
        ExtensionType::RequiredCapabilities => {
            Extension::RequiredCapabilities(RequiredCapabilitiesExtension::tls_deserialize_exact(&**data)?)
        }
        ExtensionType::ExternalSenders => {
            Extension::ExternalSenders(ExternalSendersExtension::tls_deserialize_exact(&**data)?)
        }
        ExtensionType::Unknown(number) | ExtensionType::Grease(number) => {
            Extension::Unknown(number, UnknownExtension(data.to_vec()))
        }
        other => return Err(Refusal::refused(format!("{other:?} in a GroupContext"))),
    })
}
