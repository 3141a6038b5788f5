//! Two sigma protocols, made non-interactive over Merlin: a committed number is zero (Schnorr), and a committed
//! bit is zero only where another committed number is zero (Cramer, Damgård, Schoenmakers).

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::VartimeMultiscalarMul as _;
use rand_core::CryptoRng;
use tari_merlin::Transcript;
use zeroize::Zeroizing;

use crate::encoding::{DecodeError, Reader, Writer};
use crate::group::{Opened, VALUE_BASE, blind, blinding_base};
use crate::transcript::{append_point, challenge};

/// Nonces from the transcript, the secrets and outside randomness together: none of them alone can spoil
/// them.
fn nonces<const N: usize>(
    transcript: &Transcript,
    secrets: &[Scalar],
    rng: &mut impl CryptoRng,
) -> Zeroizing<[Scalar; N]> {
    let mut builder = transcript.build_rng();
    for secret in secrets {
        builder = builder.rekey_with_witness_bytes(b"secret", secret.as_bytes());
    }
    let mut rng = builder.finalize(rng);
    Zeroizing::new(std::array::from_fn(|_| Scalar::random(&mut rng)))
}

/// Proves that `blinding·G` is known for a commitment: that it is a commitment to zero.
pub(crate) fn prove_zero(mut transcript: Transcript, blinding: &Scalar, rng: &mut impl CryptoRng) -> Vec<u8> {
    append_point(&mut transcript, b"commitment", &blind(blinding));
    let nonce = nonces::<1>(&transcript, &[*blinding], rng);
    let announced = blind(&nonce[0]);
    append_point(&mut transcript, b"announced", &announced);
    let answer = nonce[0] + challenge(&mut transcript) * blinding;
    Writer::default().point(&announced).scalar(&answer).finish()
}

/// Whether a commitment is shown to be one to zero.
pub(crate) fn is_zero(
    mut transcript: Transcript,
    commitment: &RistrettoPoint,
    reader: &mut Reader<'_>,
) -> Result<bool, DecodeError> {
    let (announced, answer) = (reader.point()?, reader.scalar()?);
    append_point(&mut transcript, b"commitment", commitment);
    append_point(&mut transcript, b"announced", &announced);
    let challenge = challenge(&mut transcript);
    let expected =
        RistrettoPoint::vartime_multiscalar_mul([answer, -challenge], [blinding_base(), *commitment]);
    Ok(expected == announced)
}

/// Proves of a committed bit and a committed number: bit and number are both zero, or the bit is one.
///
/// The branch that is not so is simulated with a challenge chosen beforehand. Which one that is decides no
/// branch and no index here, only factors.
pub(crate) fn prove_bit(
    mut transcript: Transcript,
    bit: &Opened,
    number: &Opened,
    rng: &mut impl CryptoRng,
) -> Vec<u8> {
    let one = crate::group::scalar(bit.value);
    let zero = Scalar::ONE - one;
    let (bit_point, number_point) = (bit.commit(), number.commit());
    append_statement(&mut transcript, &bit_point, &number_point);

    let secrets = [one, bit.blinding, number.blinding];
    let [simulated, of_bit, of_number, of_one] = *nonces::<4>(&transcript, &secrets, rng);
    let announced = [
        blind(&of_bit) - bit_point * (one * simulated),
        blind(&of_number) - number_point * (one * simulated),
        blind(&of_one) - (bit_point - VALUE_BASE) * (zero * simulated),
    ];
    let real = announce(&mut transcript, &announced) - simulated;
    Writer::default()
        .scalar(&(zero * real + one * simulated))
        .scalar(&(one * real + zero * simulated))
        .scalar(&(of_bit + zero * real * bit.blinding))
        .scalar(&(of_number + zero * real * number.blinding))
        .scalar(&(of_one + one * real * bit.blinding))
        .finish()
}

/// Whether it is shown that bit and number are both zero, or the bit is one.
pub(crate) fn is_bit(
    mut transcript: Transcript,
    bit: &RistrettoPoint,
    number: &RistrettoPoint,
    bytes: &[u8],
) -> Result<bool, DecodeError> {
    let mut reader = Reader::new("proof of a bit", bytes);
    let (for_zero, for_one) = (reader.scalar()?, reader.scalar()?);
    let answers = [reader.scalar()?, reader.scalar()?, reader.scalar()?];
    reader.finish()?;
    append_statement(&mut transcript, bit, number);
    let announced = |answer: Scalar, challenge: Scalar, point: RistrettoPoint| {
        RistrettoPoint::vartime_multiscalar_mul([answer, -challenge], [blinding_base(), point])
    };
    let announced = [
        announced(answers[0], for_zero, *bit),
        announced(answers[1], for_zero, *number),
        announced(answers[2], for_one, bit - VALUE_BASE),
    ];
    Ok(announce(&mut transcript, &announced) == for_zero + for_one)
}

/// The bytes of [`prove_bit`].
pub(crate) const BIT_PROOF_LEN: usize = 5 * 32;

fn append_statement(transcript: &mut Transcript, bit: &RistrettoPoint, number: &RistrettoPoint) {
    append_point(transcript, b"bit", bit);
    append_point(transcript, b"number", number);
}

fn announce(transcript: &mut Transcript, announced: &[RistrettoPoint; 3]) -> Scalar {
    for point in announced {
        append_point(transcript, b"announced", point);
    }
    challenge(transcript)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::StdRng;
    use rand_core::SeedableRng as _;

    fn opened(value: i64, blinding: u64) -> Opened {
        Opened { value, blinding: Scalar::from(blinding) }
    }

    fn base() -> Transcript {
        Transcript::new(b"test")
    }

    fn rng() -> StdRng {
        StdRng::from_seed([3; 32])
    }

    fn zero_shown(commitment: RistrettoPoint, proof: &[u8]) -> bool {
        is_zero(base(), &commitment, &mut Reader::new("test", proof)) == Ok(true)
    }

    #[test]
    fn only_a_commitment_to_zero_is_shown_to_be_one() {
        let proof = prove_zero(base(), &Scalar::from(5u8), &mut rng());
        assert!(zero_shown(opened(0, 5).commit(), &proof));
        assert!(!zero_shown(opened(0, 6).commit(), &proof));
        assert!(!zero_shown(opened(1, 5).commit(), &proof));
        let other = Transcript::new(b"other");
        assert_eq!(is_zero(other, &opened(0, 5).commit(), &mut Reader::new("test", &proof)), Ok(false));
    }

    #[test]
    fn every_changed_byte_breaks_both_proofs() {
        let (bit, number) = (opened(1, 5), opened(40, 6));
        let zero = prove_zero(base(), &Scalar::from(5u8), &mut rng());
        let of_bit = prove_bit(base(), &bit, &number, &mut rng());
        assert_eq!(of_bit.len(), BIT_PROOF_LEN);
        for at in 0..zero.len() {
            let mut changed = zero.clone();
            changed[at] ^= 1;
            assert!(!zero_shown(opened(0, 5).commit(), &changed), "byte {at}");
        }
        for at in 0..of_bit.len() {
            let mut changed = of_bit.clone();
            changed[at] ^= 1;
            assert_ne!(is_bit(base(), &bit.commit(), &number.commit(), &changed), Ok(true), "byte {at}");
        }
    }

    #[test]
    fn a_bit_is_zero_only_where_the_number_is() {
        // The bit, the number, and whether that can be shown.
        for (bit, number, shown) in [
            (0, 0, true),
            (1, 0, true),
            (1, 7, true),
            (0, 7, false),
            (0, -7, false),
            (2, 7, false),
            (-1, 0, false),
        ] {
            let (bit_opened, number_opened) = (opened(bit, 5), opened(number, 6));
            let proof = prove_bit(base(), &bit_opened, &number_opened, &mut rng());
            let found = is_bit(base(), &bit_opened.commit(), &number_opened.commit(), &proof);
            assert_eq!(found, Ok(shown), "bit {bit}, number {number}");
        }
    }
}
