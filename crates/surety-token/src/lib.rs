//! Keys that never leave their security token.
//!
//! A token, such as an HSM or a smart card, is reached through the PKCS#11 module of its maker, which is loaded when
//! it is needed. [`TokenKey`] signs statements (Ed25519, or ECDSA on P-256, which is ES256); [`LogTokenKey`] signs
//! the checkpoints of a log or cosigns those of others, where the token has Ed25519.
//!
//! A key is named by its PKCS#11 URI (RFC 7512). The PIN is never part of it: it is read from a file, from the
//! environment or from a person.
//!
//! ```
//! use surety_token::{PinSource, TokenAddress};
//!
//! let address: TokenAddress =
//!     "pkcs11:token=observer;object=statements?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=env:OBSERVER_PIN"
//!         .parse()?;
//! assert_eq!(address.pin_source(), &PinSource::Environment("OBSERVER_PIN".to_owned()));
//! assert!("pkcs11:token=observer?pin-value=1234".parse::<TokenAddress>().is_err());
//! # Ok::<(), surety_token::AddressError>(())
//! ```

mod address;
mod key;

pub use address::{AddressError, PinSource, TokenAddress};
pub use key::{LogTokenKey, TokenError, TokenKey};
