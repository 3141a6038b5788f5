//! What a State proved of its register: which proofs hold against roots that it logged, and how well they are assured.
//!
//! A proof that does not hold, or whose bytes cannot be had, is no fact. Nothing here reads a file: whoever folds a log
//! says where the bytes of attachments are.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

use surety_core::{Date, Level, PartialDate, StateCode};
use surety_material::Purpose;
use surety_proof::verify::{Shown, verify};
use surety_proof::{FileKind, Header, Package, Review, Sampled, Scope};
use surety_standards::{Baseline, BaselineCategory, Catalogue};
use surety_statement::{
    Attachment, Body, Bound, Claim, Digest, Issuer, IssuerKind, ProvenClaim, RegisterClass, RegisterMaterial,
    RegisterRoot, ReviewFinding, Statement,
};

/// How roots are made that claims can be proven against.
pub const SCHEME: &str = "surety-proof/1";

const NO_ROOT: &str = "its proof is about no root";

/// Why a root, or what is proven of it, does not count.
const REPLACED: &str = "the State logged another root of the same day later, and that one counts";

/// What proofs are verified with.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// The bytes with this digest, where they are not in the statement.
    pub attachments: &'a dyn Fn(Digest) -> Option<Vec<u8>>,
    /// The requirements that parity is about.
    pub catalogue: &'a Catalogue,
    /// The origin of the log that is folded: reviewers draw samples by its checkpoints.
    pub origin: Option<&'a str>,
}

impl Evidence<'static> {
    /// No bytes beside what statements carry, and no catalogue: parity cannot be verified with it.
    pub fn none() -> Self {
        static NO_CATALOGUE: Catalogue = Catalogue { requirements: Vec::new(), mappings: Vec::new() };
        Self { attachments: &|_| None, catalogue: &NO_CATALOGUE, origin: None }
    }
}

impl fmt::Debug for Evidence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence").finish_non_exhaustive()
    }
}

impl Evidence<'_> {
    /// The bytes of an attachment, when they are those that its digest names.
    fn bytes(&self, attachment: &Attachment) -> Option<Vec<u8>> {
        let bytes = attachment.bytes().or_else(|| (self.attachments)(attachment.sha256))?;
        (Digest::of(&bytes) == attachment.sha256).then_some(bytes)
    }
}

/// A statement on a register that is no fact, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unproven {
    /// The id of the statement.
    pub id: String,
    /// About whom.
    pub state: Option<StateCode>,
    /// Why it is no fact.
    pub why: String,
}

/// What a proof says, as a statement says it. The claim stands in the statement for people, and in the file for
/// verifiers: both must say the same.
///
/// The header is that of the newer root.
pub fn claim_statement(
    proven: &surety_proof::ProvenClaim,
    header: &Header,
    catalogue: &Catalogue,
    proof: Attachment,
    rests_on: Vec<Attachment>,
) -> ProvenClaim {
    use surety_proof::Claim as Proven;
    let bound =
        |name: &str, value: String, unit: &str| Bound { name: name.to_owned(), value, unit: unit.to_owned() };
    let grams = |name: &str, mg: u64| bound(name, grams(mg), "g");
    let (mut bounds, mut requirements, mut scope) = (Vec::new(), Vec::new(), None);
    match proven.claim() {
        Proven::Total(total) => {
            scope = Some(total.scope);
            bounds.extend(total.at_least_mg.map(|mg| grams("at-least", mg)));
            bounds.extend(total.at_most_mg.map(|mg| grams("at-most", mg)));
        }
        Proven::Decrease(decrease) => {
            scope = Some(decrease.scope);
            bounds.push(grams("by-at-least", decrease.by_mg));
        }
        Proven::Elimination(elimination) => scope = Some(elimination.scope),
        Proven::Category(category) => {
            scope = Some(category.scope);
            bounds.push(bound("each", category.holder.to_string(), ""));
            bounds.push(bound("category-at-most", category.ceiling.to_string(), ""));
        }
        Proven::Sites(sites) => {
            scope = Some(sites.scope);
            bounds.push(bound("each", sites.holder.to_string(), ""));
            bounds.push(bound("at-most", sites.at_most.to_string(), ""));
        }
        Proven::FewerSites(fewer) => {
            scope = Some(fewer.scope);
            bounds.push(bound("each", fewer.holder.to_string(), ""));
            bounds.push(bound("by-at-least", fewer.by.to_string(), ""));
        }
        Proven::Parity(parity) => {
            let known = header.layout.requirements();
            let asked: BTreeMap<&str, u8> = parity
                .requirements
                .iter()
                .filter_map(|compared| {
                    Some((known.get(usize::from(compared.number))?.as_str(), compared.baseline))
                })
                .collect();
            match covered_category(&asked, catalogue) {
                Some(category) => bounds.push(bound("baseline-category", category.to_string(), "")),
                None => requirements.extend(asked.keys().map(|id| (*id).to_owned())),
            }
        }
        Proven::Balance(balance) => bounds.push(grams("threshold-at-most", balance.threshold_mg_max)),
    }
    ProvenClaim {
        claim: claim_word(proven),
        roots: proven.anchors().iter().map(|anchor| Digest(anchor.root.0)).collect(),
        of: scope.map(classes).unwrap_or_default(),
        bounds,
        requirements,
        proof,
        rests_on,
    }
}

/// Whether a statement says what its proof shows, no more and no less, and has the day of the newer root, whose header
/// this is; why not otherwise.
pub fn says_what_is_proven(
    said: &ProvenClaim,
    dated: PartialDate,
    proven: &surety_proof::ProvenClaim,
    header: Option<&Header>,
    catalogue: &Catalogue,
) -> Result<(), String> {
    let newest = proven.anchors().last().ok_or(NO_ROOT)?;
    if dated != PartialDate::Day(newest.date) {
        return Err(format!("it is dated {dated}, and its newer root {}", newest.date));
    }
    let header = header.ok_or("the package of its root is not here")?;
    let (proof, rests_on) = (said.proof.clone(), said.rests_on.clone());
    if claim_statement(proven, header, catalogue, proof, rests_on) == *said {
        Ok(())
    } else {
        Err(format!("it says other than its proof shows: {}", proven.claim()))
    }
}

/// Whether a finding says what the review that it carries says; why not otherwise.
pub fn says_what_was_reviewed(
    said: &ReviewFinding,
    about: Option<StateCode>,
    dated: PartialDate,
    review: &Review,
) -> Result<(), String> {
    let examined: u64 = review.samples.iter().map(|sample| sample.examined).sum();
    let differs = [
        ("root", said.root != Some(Digest(review.anchor.root.0))),
        ("State", about != Some(review.anchor.state)),
        ("date", dated != PartialDate::Day(review.date)),
        ("method", said.method != review.method),
        ("number examined", said.examined != examined),
        ("result", said.consistent != review.is_consistent()),
    ];
    match differs.iter().find(|(_, differs)| *differs) {
        Some((what, _)) => Err(format!("it says another {what} than the review that it names: {review}")),
        None => Ok(()),
    }
}

/// The highest category whose baseline is met by each requirement of the catalogue; none when one is missing.
fn covered_category(asked: &BTreeMap<&str, u8>, catalogue: &Catalogue) -> Option<BaselineCategory> {
    let covers = |category: &BaselineCategory| {
        !catalogue.requirements.is_empty()
            && catalogue.requirements.iter().all(|requirement| {
                let least = baseline_of(*category, requirement);
                asked.get(requirement.id.as_str()).is_some_and(|baseline| *baseline >= least)
            })
    };
    BaselineCategory::ALL.iter().copied().filter(covers).max()
}

/// The maturity that the IAEA baseline of a category asks of a requirement, from 0 to 5.
pub fn baseline_of(category: BaselineCategory, requirement: &surety_standards::Requirement) -> u8 {
    Baseline { category }.asks(requirement).map_or(0, surety_standards::Maturity::number)
}

fn claim_word(proven: &surety_proof::ProvenClaim) -> Claim {
    use surety_proof::Claim as Proven;
    match proven.claim() {
        Proven::Total(_) => Claim::Total,
        Proven::Decrease(_) => Claim::Decrease,
        Proven::Elimination(_) => Claim::Elimination,
        Proven::Category(_) => Claim::Category,
        Proven::Sites(_) => Claim::Sites,
        Proven::FewerSites(_) => Claim::FewerSites,
        Proven::Parity(_) => Claim::Parity,
        Proven::Balance(_) => Claim::Balance,
    }
}

fn classes(scope: Scope) -> Vec<RegisterClass> {
    let class = |class: surety_proof::Class| RegisterClass {
        material: match class.material {
            surety_proof::Material::Plutonium => RegisterMaterial::Plutonium,
            surety_proof::Material::Heu => RegisterMaterial::Heu,
            surety_proof::Material::Uranium233 => RegisterMaterial::Uranium233,
            surety_proof::Material::Leu10To20 => RegisterMaterial::Leu10To20,
            surety_proof::Material::LeuBelow10 => RegisterMaterial::LeuBelow10,
        },
        purpose: match class.purpose {
            surety_proof::Purpose::Civil => Purpose::Civilian,
            surety_proof::Purpose::Military => Purpose::Military,
            surety_proof::Purpose::Naval => Purpose::Naval,
            surety_proof::Purpose::Excess => Purpose::ExcessDeclared,
        },
    };
    scope.classes().map(class).collect()
}

/// Milligrams as grams, every digit.
fn grams(mg: u64) -> String {
    let (whole, rest) = (mg / 1_000, mg % 1_000);
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{rest:03}").trim_end_matches('0').to_owned()
}

/// A statement as the fold has it.
pub(crate) struct Told<'a> {
    /// Who said it.
    pub(crate) issuer: &'a Issuer,
    /// What was said.
    pub(crate) statement: &'a mut Statement,
    /// The entry of the log that has it.
    pub(crate) entry: Option<u64>,
}

/// What is to become of each statement: nothing, or a level.
enum Verdict {
    Level(Level),
    NoFact(String),
}

/// Judges every statement on a register. Gives the places, among those told, of what is no fact, and why it is none.
pub(crate) fn judge(told: Vec<Told<'_>>, evidence: &Evidence<'_>) -> (HashSet<usize>, Vec<Unproven>) {
    let mut of_state: BTreeMap<Option<StateCode>, (Vec<usize>, Vec<Told<'_>>)> = BTreeMap::new();
    for (place, one) in told.into_iter().enumerate() {
        let (places, told) = of_state.entry(one.statement.subject).or_default();
        places.push(place);
        told.push(one);
    }
    let (mut no_facts, mut unproven) = (HashSet::new(), Vec::new());
    for (state, (places, told)) in of_state {
        let verdicts = Registers::new(state, &told, evidence).judge(&told);
        for ((place, Told { statement, .. }), verdict) in places.into_iter().zip(told).zip(verdicts) {
            match verdict {
                None => {}
                Some(Verdict::Level(level)) => statement.level = level,
                Some(Verdict::NoFact(why)) => {
                    no_facts.insert(place);
                    unproven.push(Unproven { id: statement.id.clone(), state, why });
                }
            }
        }
    }
    (no_facts, unproven)
}

/// The registers that one State committed to, and what reviewers found.
struct Registers<'a> {
    state: Option<StateCode>,
    evidence: &'a Evidence<'a>,
    /// The roots that the State's own authority logged.
    roots: BTreeMap<Digest, Root>,
    reviews: BTreeMap<Digest, Vec<Reviewed>>,
}

/// A root as it was logged.
struct Root {
    date: PartialDate,
    /// The entry of the log that had it first.
    entry: Option<u64>,
    /// Its package, where it can be had and is that of the root; why not otherwise.
    package: Result<Vec<u8>, String>,
    header: Option<Header>,
}

/// What one reviewer found.
struct Reviewed {
    consistent: bool,
    assignment_checked: bool,
    /// What it drew samples of that could find something; nothing when it says only that the root was reviewed.
    examined: Vec<Scope>,
}

impl Reviewed {
    /// Whether it looked at what a claim speaks of. Another class tells nothing of it; of a claim on no class, such as
    /// parity, any sample tells that somebody compared the register with what is there.
    fn covers(&self, scope: Option<Scope>) -> bool {
        let looked_at = |class| self.examined.iter().any(|examined| examined.contains(Scope::class(class)));
        match scope {
            Some(scope) => scope.classes().all(looked_at),
            None => !self.examined.is_empty(),
        }
    }
}

/// How many leaves a root has of some classes; none when it has no section of one of them.
fn leaves_of(header: &Header, scope: Scope) -> Option<u64> {
    scope
        .classes()
        .map(|class| header.layout.leaf_entries(class).map(|leaves| leaves.end - leaves.start))
        .sum()
}

/// A sample counts when, of one leaf in twenty false, it would more likely than not have found one.
fn could_find(sample: &Sampled) -> bool {
    sample.detection_probability(sample.leaves.div_ceil(20)) >= 0.5
}

impl<'a> Registers<'a> {
    fn new(state: Option<StateCode>, told: &[Told<'_>], evidence: &'a Evidence<'a>) -> Self {
        let mut registers = Self { state, evidence, roots: BTreeMap::new(), reviews: BTreeMap::new() };
        // In the order of the log: what stands in the place of an earlier statement has an entry of its own.
        let mut in_order: Vec<&Told<'_>> = told.iter().collect();
        in_order.sort_by_key(|told| told.entry);
        for Told { issuer, statement, entry } in in_order {
            if let Body::RegisterRoot(root) = &statement.body
                && registers.is_own(issuer)
            {
                registers.take_root(root, statement.date.date, *entry);
            }
        }
        for Told { issuer, statement, .. } in told {
            if let Body::ReviewFinding(finding) = &statement.body
                && is_independent(issuer, state)
                && let (Some(root), Some(reviewed)) =
                    (finding.root, registers.reviewed(finding, statement.date.date))
            {
                registers.reviews.entry(root).or_default().push(reviewed);
            }
        }
        registers
    }

    /// Whether the State's own authority speaks.
    fn is_own(&self, issuer: &Issuer) -> bool {
        issuer.kind == IssuerKind::StateAuthority && issuer.state.is_some() && issuer.state == self.state
    }

    /// Takes a root in. Said again it stays what it was, unless only now its package is here; said of another day than its
    /// package, it is none of that day.
    fn take_root(&mut self, root: &RegisterRoot, date: PartialDate, entry: Option<u64>) {
        let read = self.root(root, date, entry);
        match self.roots.entry(root.root) {
            Entry::Vacant(place) => {
                place.insert(read);
            }
            Entry::Occupied(mut known) if known.get().package.is_err() && read.package.is_ok() => {
                let entry = known.get().entry;
                known.insert(Root { entry, ..read });
            }
            Entry::Occupied(_) => {}
        }
    }

    fn root(&self, root: &RegisterRoot, date: PartialDate, entry: Option<u64>) -> Root {
        let none = |why: &str| Root { date, entry, package: Err(why.to_owned()), header: None };
        let Some(attachment) = root.package.as_ref().filter(|_| root.scheme == SCHEME) else {
            return none("its root names no package that claims could be verified against");
        };
        let Some(bytes) = self.evidence.bytes(attachment) else {
            return none(&format!("the package of its root, {}, is not here", attachment.sha256));
        };
        let package = match Package::read(&bytes) {
            Ok(package) => package,
            Err(error) => return none(&format!("the package of its root cannot be read: {error}")),
        };
        let anchor = package.anchor();
        let same = anchor.root.0 == root.root.0
            && Some(anchor.state) == self.state
            && PartialDate::Day(anchor.date) == date
            && package.header().layout.leaves() == root.leaves;
        if !same {
            return none("the package of its root is that of another root, State or date");
        }
        Root { date, entry, package: Ok(bytes), header: Some(package.header().clone()) }
    }

    /// What a finding counts for; nothing when it is no fact, unless its review found something false.
    fn reviewed(&self, finding: &ReviewFinding, dated: PartialDate) -> Option<Reviewed> {
        let word = |consistent| Reviewed { consistent, assignment_checked: false, examined: Vec::new() };
        let Some(review) = self.review(finding) else {
            return self.why_no_finding(finding, dated).is_none().then(|| word(finding.consistent));
        };
        let is_of_it = finding.root == Some(Digest(review.anchor.root.0));
        if !finding.consistent || (is_of_it && !review.is_consistent()) {
            return Some(word(false));
        }
        self.why_no_finding(finding, dated).is_none().then(|| Reviewed {
            consistent: true,
            assignment_checked: review.assignment_checked,
            examined: review
                .samples
                .iter()
                .filter(|sample| could_find(sample))
                .map(|sample| sample.scope)
                .collect(),
        })
    }

    /// The review that a finding names, where it is here and can be read.
    fn review(&self, finding: &ReviewFinding) -> Option<Review> {
        Review::read(&self.evidence.bytes(finding.review.as_ref()?)?).ok()
    }

    /// The size of the log at the checkpoint by which a sample was drawn, when it has not the root yet: the State could
    /// have known the sample when it made the root. Another beacon than a checkpoint of this log tells nothing of that.
    fn drawn_too_early(&self, sample: &Sampled, finding: &ReviewFinding) -> Option<u64> {
        let entry = self.roots.get(&finding.root?)?.entry?;
        let mut lines = std::str::from_utf8(sample.challenge.beacon()).ok()?.lines();
        let is_of_this_log = lines.next() == self.evidence.origin;
        let size: u64 = lines.next()?.parse().ok()?;
        (is_of_this_log && size <= entry).then_some(size)
    }

    /// Why a finding that a root is consistent is no fact. One that it is not needs no proof.
    fn why_no_finding(&self, finding: &ReviewFinding, dated: PartialDate) -> Option<String> {
        let named = finding.review.as_ref().filter(|_| finding.consistent)?;
        let Some(review) = self.review(finding) else {
            return Some(format!("its review, {}, is not here, or is none", named.sha256));
        };
        if let Err(why) = says_what_was_reviewed(finding, self.state, dated, &review) {
            return Some(why);
        }
        let header = finding.root.and_then(|root| self.roots.get(&root)?.header.as_ref());
        if let Some(sample) = header.and_then(|header| {
            review.samples.iter().find(|sample| Some(sample.leaves) != leaves_of(header, sample.scope))
        }) {
            let (said, of) = (sample.leaves, sample.scope);
            return Some(format!("its sample is of {said} leaves of {of}, and the root has another number"));
        }
        let size = review.samples.iter().find_map(|sample| self.drawn_too_early(sample, finding))?;
        Some(format!("its sample was drawn by a checkpoint of {size} entries, which has not the root yet"))
    }

    /// Whether some reviewer says that it found a root consistent, and nobody found it false.
    fn is_found_consistent(&self, root: Digest) -> bool {
        let reviews = self.reviews.get(&root).map_or(&[][..], Vec::as_slice);
        !reviews.is_empty() && reviews.iter().all(|review| review.consistent)
    }

    /// The same of a reviewer who looked at what a claim speaks of; for a claim on what each site holds, one of them
    /// checked the sums of all.
    fn is_reviewed(&self, root: Digest, scope: Option<Scope>, rests_on_holders: bool) -> bool {
        let counts =
            |review: &Reviewed| review.covers(scope) && (review.assignment_checked || !rests_on_holders);
        self.is_found_consistent(root)
            && self.reviews.get(&root).is_some_and(|reviews| reviews.iter().any(counts))
    }

    fn judge(&self, told: &[Told<'_>]) -> Vec<Option<Verdict>> {
        let mut verdicts: Vec<Option<Verdict>> =
            told.iter().map(|told| self.first_look(told.issuer, told.statement)).collect();
        let open: Vec<(usize, Date, &ProvenClaim)> = told
            .iter()
            .enumerate()
            .filter(|(at, _)| verdicts[*at].is_none())
            .filter_map(|(at, Told { statement, .. })| match (&statement.body, statement.date.date) {
                (Body::Proof(claim), PartialDate::Day(day)) => Some((at, day, claim)),
                _ => None,
            })
            .collect();
        for ((at, day, claim), shown) in open.iter().zip(self.verify(&open)) {
            verdicts[*at] = Some(match shown.and_then(|shown| self.agrees(*day, claim, &shown)) {
                Ok(level) => Verdict::Level(level),
                Err(why) => Verdict::NoFact(why),
            });
        }
        verdicts
    }

    /// What can be told without verifying a proof.
    fn first_look(&self, issuer: &Issuer, statement: &Statement) -> Option<Verdict> {
        match &statement.body {
            Body::RegisterRoot(_) | Body::Proof(_) | Body::Disclosure(_) if !self.is_own(issuer) => {
                Some(Verdict::NoFact("only a State's own authority tells of its register".to_owned()))
            }
            Body::RegisterRoot(root) if self.is_replaced(root.root) => {
                Some(Verdict::NoFact(REPLACED.to_owned()))
            }
            Body::RegisterRoot(root) => {
                let found = self.roots.get(&root.root);
                let here =
                    root.package.as_ref().is_some_and(|package| self.evidence.bytes(package).is_some());
                if found.is_some_and(|found| found.package.is_ok() && found.date != statement.date.date) {
                    return Some(Verdict::NoFact("its package is of another day".to_owned()));
                }
                match found.map(|found| &found.package) {
                    // A package that is here and is not the root's shows that something is false.
                    Some(Err(why)) if here => Some(Verdict::NoFact(why.clone())),
                    _ if self.is_found_consistent(root.root) => Some(Verdict::Level(Level::Reviewed)),
                    _ => None,
                }
            }
            Body::Proof(proven) if proven.roots.iter().any(|root| !self.roots.contains_key(root)) => Some(
                Verdict::NoFact("a root that it is about was not logged, or was corrected since".to_owned()),
            ),
            Body::Proof(proven) if proven.roots.iter().any(|root| self.is_replaced(*root)) => {
                Some(Verdict::NoFact(format!("of a root that it is about, {REPLACED}")))
            }
            Body::Proof(_) if !matches!(statement.date.date, PartialDate::Day(_)) => {
                Some(Verdict::NoFact("a claim is of the day of its newer root".to_owned()))
            }
            Body::ReviewFinding(finding) => {
                self.why_no_finding(finding, statement.date.date).map(Verdict::NoFact)
            }
            _ => None,
        }
    }

    /// Whether the State logged another root of the same day after this one. A State has one register, and cannot choose
    /// for each claim the root that suits it.
    fn is_replaced(&self, root: Digest) -> bool {
        let Some(this) = self.roots.get(&root) else { return false };
        let is_later = |other: &Root| other.date == this.date && other.entry > this.entry;
        matches!(this.date, PartialDate::Day(_)) && self.roots.values().any(is_later)
    }

    /// Verifies all claims in one batch.
    fn verify(&self, open: &[(usize, Date, &ProvenClaim)]) -> Vec<Result<Shown, String>> {
        let mut files: Vec<Vec<u8>> =
            self.roots.values().filter_map(|root| root.package.as_ref().ok().cloned()).collect();
        let mut known = BTreeSet::new();
        let mut at_file = Vec::new();
        for (_, _, claim) in open {
            for attachment in &claim.rests_on {
                if known.insert(attachment.sha256)
                    && let Some(bytes) = self.evidence.bytes(attachment)
                {
                    files.push(bytes);
                }
            }
            at_file.push(self.evidence.bytes(&claim.proof).map(|bytes| {
                files.push(bytes);
                files.len() - 1
            }));
        }
        let all: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
        let report = verify(&all);
        let shown = |(at, claim): (Option<usize>, &ProvenClaim)| {
            let at = at.ok_or_else(|| format!("its proof, {}, is not here", claim.proof.sha256))?;
            report.files()[at].clone().map_err(|error| error.to_string())
        };
        at_file.into_iter().zip(open.iter().map(|(_, _, claim)| *claim)).map(shown).collect()
    }

    /// Whether the statement says what its proof shows, of roots that the State logged; and how well it is assured.
    fn agrees(&self, day: Date, claim: &ProvenClaim, shown: &Shown) -> Result<Level, String> {
        let Shown::Claim(proven) = shown else {
            return Err("what it carries is no claim with a proof".to_owned());
        };
        for anchor in proven.anchors() {
            let root = self.roots.get(&Digest(anchor.root.0));
            let root = root.ok_or_else(|| format!("the State did not log the root {}", anchor.root))?;
            if Some(anchor.state) != self.state || root.date != PartialDate::Day(anchor.date) {
                return Err("its proof is of another State or date than the root that was logged".to_owned());
            }
        }
        let newest = proven.anchors().last().ok_or(NO_ROOT)?;
        let root = self.roots.get(&Digest(newest.root.0));
        let header = root.and_then(|root| root.header.as_ref());
        says_what_is_proven(claim, PartialDate::Day(day), proven, header, self.evidence.catalogue)?;
        let (scope, on_holders) = (proven.claim().scope(), proven.claim().rests_on_holders());
        let is_reviewed = |root| self.is_reviewed(Digest(root), scope, on_holders);
        let reviewed = proven.anchors().iter().all(|anchor| is_reviewed(anchor.root.0));
        Ok(if reviewed { Level::Proven } else { Level::Declared })
    }
}

/// Nobody reviews oneself.
fn is_independent(issuer: &Issuer, state: Option<StateCode>) -> bool {
    issuer.kind == IssuerKind::Reviewer && (issuer.state.is_none() || issuer.state != state)
}

/// What an attachment of this kind of file is called.
pub fn media_type(kind: FileKind) -> String {
    format!("application/vnd.surety.{kind}")
}
