//! Range proofs: each of these committed numbers lies in `[0, 2^bits)`.
//!
//! Bulletproofs+ does the work (`tari_bulletproofs_plus`). What is ours: the numbers are proven eight at a
//! time, never more, each proof in a transcript of its own; the verifier works out from the statement how
//! many proofs of which length there must be; many proofs are verified in one batch.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

use curve25519_dalek::ristretto::RistrettoPoint;
use rand::rngs::StdRng;
use rand_core::{CryptoRng, SeedableRng as _};
use rayon::prelude::*;
use tari_bulletproofs_plus::commitment_opening::CommitmentOpening;
use tari_bulletproofs_plus::errors::ProofError;
use tari_bulletproofs_plus::generators::pedersen_gens::ExtensionDegree;
use tari_bulletproofs_plus::range_parameters::RangeParameters;
use tari_bulletproofs_plus::range_proof::{RangeProof, VerifyAction};
use tari_bulletproofs_plus::range_statement::RangeStatement;
use tari_bulletproofs_plus::range_witness::RangeWitness;
use tari_bulletproofs_plus::ristretto::{RistrettoRangeProof, create_pedersen_gens_with_extension_degree};
use tari_merlin::Transcript;

use crate::claims::ProveError;
use crate::encoding::{DecodeError, Reader};
use crate::group::{ManyOpened, Opened};
use crate::transcript::part;

/// How many numbers one proof covers at most: a proof over 64 numbers costs a verifier 72 ms, and nothing
/// but this limit would keep it from having to verify one.
pub(crate) const AGGREGATION_MAX: usize = 8;

/// How many proofs go into one batch: the library copies 160 kB of generators for each.
const BATCH_MAX: usize = 128;

/// How long the numbers may be. The library takes powers of two only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bits {
    /// Differences of maturities.
    Four,
    /// The mass of one holding, up to 4,294 kg.
    ThirtyTwo,
    /// Sums.
    SixtyFour,
}

type Parameters = RangeParameters<RistrettoPoint>;

/// Generators and tables, made once for each length: none only if the library refused these lengths.
static FOUR: LazyLock<Option<Parameters>> = LazyLock::new(|| new_parameters(Bits::Four));
static THIRTY_TWO: LazyLock<Option<Parameters>> = LazyLock::new(|| new_parameters(Bits::ThirtyTwo));
static SIXTY_FOUR: LazyLock<Option<Parameters>> = LazyLock::new(|| new_parameters(Bits::SixtyFour));

fn new_parameters(bits: Bits) -> Option<Parameters> {
    let bases = create_pedersen_gens_with_extension_degree(ExtensionDegree::DefaultPedersen);
    RangeParameters::init(bits.len(), AGGREGATION_MAX, bases).ok()
}

impl Bits {
    fn len(self) -> usize {
        match self {
            Self::Four => 4,
            Self::ThirtyTwo => 32,
            Self::SixtyFour => 64,
        }
    }

    fn parameters(self) -> Option<&'static Parameters> {
        match self {
            Self::Four => FOUR.as_ref(),
            Self::ThirtyTwo => THIRTY_TWO.as_ref(),
            Self::SixtyFour => SIXTY_FOUR.as_ref(),
        }
    }

    /// The bytes of a proof over `count` numbers: a byte for the kind, six elements, two for each halving.
    fn proof_len(self, count: usize) -> usize {
        let halvings = (self.len() * count).ilog2() as usize;
        1 + 32 * (6 + 2 * halvings)
    }
}

/// The proofs for `count` numbers: eight at a time, and what remains in smaller powers of two.
fn chunks(count: usize) -> Vec<Range<usize>> {
    let mut chunks = Vec::with_capacity(count.div_ceil(AGGREGATION_MAX) + 2);
    let mut start = 0;
    while start < count {
        let len = AGGREGATION_MAX.min(1 << (count - start).ilog2());
        chunks.push(start..start + len);
        start += len;
    }
    chunks
}

fn chunk_transcript(base: &Transcript, name: &'static [u8], bits: Bits, chunk: &Range<usize>) -> Transcript {
    let mut transcript = part(base, name, chunk.start);
    transcript.append_u64(b"bits", bits.len() as u64);
    transcript.append_u64(b"aggregation", chunk.len() as u64);
    transcript
}

/// Proves that each of these numbers lies in `[0, 2^bits)`, on all cores.
pub(crate) fn prove(
    base: &Transcript,
    name: &'static [u8],
    bits: Bits,
    opened: &ManyOpened,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, ProveError> {
    let jobs: Vec<_> = chunks(opened.0.len())
        .into_iter()
        .map(|chunk| {
            let mut seed = [0; 32];
            rng.fill_bytes(&mut seed);
            (chunk, seed)
        })
        .collect();
    let proofs = jobs.into_par_iter().map(|(chunk, seed)| {
        let transcript = chunk_transcript(base, name, bits, &chunk);
        prove_chunk(transcript, bits, &opened.0[chunk], &mut StdRng::from_seed(seed))
    });
    Ok(proofs.collect::<Result<Vec<_>, _>>()?.concat())
}

fn prove_chunk(
    mut transcript: Transcript,
    bits: Bits,
    opened: &[Opened],
    rng: &mut StdRng,
) -> Result<Vec<u8>, ProveError> {
    let openings = opened.iter().map(|opened| {
        let value = u64::try_from(opened.value).map_err(|_| ProveError::NotTrue)?;
        if bits != Bits::SixtyFour && value >> bits.len() > 0 {
            return Err(ProveError::NotTrue);
        }
        Ok(CommitmentOpening::new(value, vec![opened.blinding]))
    });
    let witness = RangeWitness::init(openings.collect::<Result<_, _>>()?)?;
    let commitments: Vec<_> = opened.iter().map(Opened::commit).collect();
    let promises = vec![None; commitments.len()];
    let parameters = bits.parameters().ok_or(ProofError::SizeOverflow)?;
    let statement = RangeStatement::init(parameters.clone(), commitments, promises, None)?;
    Ok(RistrettoRangeProof::prove_with_rng(&mut transcript, &statement, &witness, rng)?.to_bytes())
}

/// Range proofs that wait to be verified together.
#[derive(Default)]
pub(crate) struct Batch {
    waiting: BTreeMap<Bits, Vec<Waiting>>,
}

struct Waiting {
    /// The file that it is from.
    file: usize,
    transcript: Transcript,
    commitments: Vec<RistrettoPoint>,
    proof: RistrettoRangeProof,
}

impl Batch {
    /// Reads the proofs that each of these committed numbers lies in `[0, 2^bits)`. Whether they hold is
    /// told by [`Batch::false_files`].
    pub(crate) fn read(
        &mut self,
        file: usize,
        base: &Transcript,
        name: &'static [u8],
        bits: Bits,
        commitments: &[RistrettoPoint],
        reader: &mut Reader<'_>,
    ) -> Result<(), DecodeError> {
        let waiting = self.waiting.entry(bits).or_default();
        for chunk in chunks(commitments.len()) {
            let bytes = reader.take(bits.proof_len(chunk.len()))?;
            let damaged = reader.error("the range proof before this byte is none");
            if bytes.first() != Some(&(ExtensionDegree::DefaultPedersen as u8)) {
                return Err(damaged);
            }
            waiting.push(Waiting {
                file,
                transcript: chunk_transcript(base, name, bits, &chunk),
                commitments: commitments[chunk].to_vec(),
                proof: RangeProof::from_bytes(bytes).map_err(|_| damaged)?,
            });
        }
        Ok(())
    }

    /// Verifies all that wait, and names the files with a proof that does not hold.
    pub(crate) fn false_files(&self) -> BTreeSet<usize> {
        let batches: Vec<(Bits, &[Waiting])> = self
            .waiting
            .iter()
            .flat_map(|(bits, waiting)| waiting.chunks(BATCH_MAX).map(|batch| (*bits, batch)))
            .collect();
        let failed: Vec<_> = batches.into_par_iter().filter(|(bits, batch)| !holds(*bits, batch)).collect();
        // A batch says only that something in it is false: ask file by file.
        let mut files = BTreeSet::new();
        for (bits, batch) in failed {
            for of_file in batch.chunk_by(|one, next| one.file == next.file) {
                let file = of_file[0].file;
                if of_file.len() == batch.len() || (!files.contains(&file) && !holds(bits, of_file)) {
                    files.insert(file);
                }
            }
        }
        files
    }
}

fn holds(bits: Bits, batch: &[Waiting]) -> bool {
    let Some(parameters) = bits.parameters() else { return false };
    let mut transcripts: Vec<_> = batch.iter().map(|waiting| waiting.transcript.clone()).collect();
    let statements = batch.iter().map(|waiting| {
        let promises = vec![None; waiting.commitments.len()];
        RangeStatement::init(parameters.clone(), waiting.commitments.clone(), promises, None)
    });
    let Ok(statements) = statements.collect::<Result<Vec<_>, _>>() else { return false };
    let proofs: Vec<_> = batch.iter().map(|waiting| waiting.proof.clone()).collect();
    RangeProof::verify_batch(&mut transcripts, &statements, &proofs, VerifyAction::VerifyOnly).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::scalar::Scalar;
    use proptest::prelude::*;

    fn base() -> Transcript {
        Transcript::new(b"test")
    }

    fn opened(values: &[i64]) -> ManyOpened {
        let blindings = (1u64..).map(Scalar::from);
        values.iter().zip(blindings).map(|(value, blinding)| Opened { value: *value, blinding }).collect()
    }

    fn rng() -> StdRng {
        StdRng::from_seed([7; 32])
    }

    fn commitments(opened: &ManyOpened) -> Vec<RistrettoPoint> {
        opened.0.iter().map(Opened::commit).collect()
    }

    fn verified(base: &Transcript, bits: Bits, commitments: &[RistrettoPoint], proof: &[u8]) -> bool {
        let (mut batch, mut reader) = (Batch::default(), Reader::new("test", proof));
        batch.read(0, base, b"test", bits, commitments, &mut reader).is_ok()
            && reader.finish().is_ok()
            && batch.false_files().is_empty()
    }

    #[test]
    fn any_number_of_numbers_goes_into_powers_of_two_up_to_eight() {
        let lens = |count| chunks(count).into_iter().map(|chunk| chunk.len()).collect::<Vec<_>>();
        assert!(lens(0).is_empty());
        assert_eq!(lens(1), [1]);
        assert_eq!(lens(8), [8]);
        assert_eq!(lens(23), [8, 8, 4, 2, 1]);
    }

    #[test]
    fn a_number_out_of_range_cannot_be_proven() {
        for (bits, value) in
            [(Bits::Four, 16), (Bits::Four, -1), (Bits::ThirtyTwo, 1 << 32), (Bits::SixtyFour, -1)]
        {
            let proof = prove(&base(), b"test", bits, &opened(&[value]), &mut rng());
            assert!(matches!(proof, Err(ProveError::NotTrue)), "{value} in {bits:?}");
        }
    }

    #[test]
    fn a_proof_holds_for_its_commitments_and_transcript_only() {
        let numbers = opened(&[0, 1, 15, 7]);
        let proof = prove(&base(), b"test", Bits::Four, &numbers, &mut rng()).unwrap();
        let points = commitments(&numbers);
        assert!(verified(&base(), Bits::Four, &points, &proof));
        assert!(!verified(&Transcript::new(b"other"), Bits::Four, &points, &proof));
        let swapped = [points[1], points[0], points[2], points[3]];
        assert!(!verified(&base(), Bits::Four, &swapped, &proof));
        assert!(!verified(&base(), Bits::Four, &points[..2], &proof));
        assert!(!verified(&base(), Bits::ThirtyTwo, &points, &proof));
    }

    #[test]
    fn a_batch_names_the_file_that_is_false() {
        let mut batch = Batch::default();
        for file in 0..5 {
            let numbers = opened(&[file, 2]);
            let proof = prove(&base(), b"test", Bits::Four, &numbers, &mut rng()).unwrap();
            let mut points = commitments(&numbers);
            if file == 3 {
                points[0] = points[1];
            }
            let mut reader = Reader::new("test", &proof);
            let file = usize::try_from(file).unwrap();
            batch.read(file, &base(), b"test", Bits::Four, &points, &mut reader).unwrap();
        }
        assert_eq!(batch.false_files(), BTreeSet::from([3]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn honest_proofs_hold(values in proptest::collection::vec(0i64..1 << 32, 1..20)) {
            let numbers = opened(&values);
            let proof = prove(&base(), b"test", Bits::ThirtyTwo, &numbers, &mut rng()).unwrap();
            prop_assert!(verified(&base(), Bits::ThirtyTwo, &commitments(&numbers), &proof));
        }
    }
}
