//! What can be typed after `surety register`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use surety_core::{Date, StateCode, parse_day};
use surety_material::{
    ChangeCode, Irradiation, MaterialKind, Purpose, StockMaterial, parse_grams, parse_irradiation,
};
use surety_register::{By, SAMPLE_SEED};
use surety_standards::{Confidence, Extent, Maturity, Publication, Regime, WorkStatus};
use surety_statement::ProgrammeAction;

use super::assurance::{CommitArgs, DiscloseArgs, ProveArgs};

const EXAMPLES: &str = "\
Examples:
  surety register sample xaa.register                     a register of the invented State XAA, to learn with
  surety register holdings --register xaa.register        what is held, by site and category
  surety register balance XA01 plutonium                  does the balance close?
  surety register parity                                  civil and military, requirement by requirement
  surety register receive XA01 B-17 --material plutonium --element-g 1250.5
  surety register commit --date 2026-12-31 --to published  bind yourself to all of it, and show nothing
  surety register check                                   is everything as the journal says?

The register is the file of --register, of SURETY_REGISTER, or `register.surety` in this folder. Nothing in it leaves
this machine but what `export`, `draft`, `commit`, `disclose` and `prove` write. What is not given is asked for at a terminal.";

/// A State's confidential register of materials and standards.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RegisterArgs {
    #[command(flatten)]
    pub(crate) access: Access,
    #[command(subcommand)]
    pub(crate) command: RegisterCommand,
}

/// Which register, who opens it, and why.
#[derive(Debug, ClapArgs)]
pub(crate) struct Access {
    /// The register [default: register.surety]
    #[arg(long, global = true, value_name = "FILE", env = "SURETY_REGISTER")]
    pub(crate) register: Option<PathBuf>,
    /// Read the passphrase from the first line of a file
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "key_file")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Open with a key file in place of a passphrase
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Who makes the entry
    #[arg(long, global = true, value_name = "WHO", env = "SURETY_BY")]
    pub(crate) by: Option<String>,
    /// Why the entry is made
    #[arg(long, global = true, value_name = "REASON")]
    pub(crate) why: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RegisterCommand {
    /// Make a register
    New {
        /// The State whose register it is
        #[arg(long)]
        state: Option<StateCode>,
        /// Make the key file of --key-file, of random bytes
        #[arg(long, requires = "key_file")]
        make_key: bool,
    },
    /// Make a register of the invented State XAA, to learn and test with
    Sample {
        /// The file to make
        file: PathBuf,
        /// Another seed, another register
        #[arg(long, default_value_t = SAMPLE_SEED)]
        seed: u64,
    },
    /// Open it, and say what is in it
    #[command(alias = "info")]
    Open,
    /// Add a site, an area, how well something is measured, or another record
    Add {
        #[command(subcommand)]
        what: Add,
    },
    /// Book a receipt
    Receive {
        #[command(flatten)]
        batch: Batch,
        #[command(flatten)]
        new: NewBatch,
        /// From which area or State
        #[arg(long)]
        from: Option<String>,
        /// It comes from another State
        #[arg(long)]
        foreign: bool,
        /// What the shipper says, where it differs: the difference is booked too
        #[arg(long, allow_negative_numbers = true, value_name = "GRAMS", value_parser = parse_grams)]
        shipped_element_g: Option<i64>,
        /// What the shipper says of the isotope
        #[arg(long, allow_negative_numbers = true, value_name = "GRAMS", value_parser = parse_grams, requires = "shipped_element_g")]
        shipped_isotope_g: Option<i64>,
    },
    /// Book a shipment; without a mass, of the whole batch
    Ship {
        #[command(flatten)]
        batch: Batch,
        /// To which area or State
        #[arg(long)]
        to: Option<String>,
        /// It goes to another State
        #[arg(long)]
        foreign: bool,
    },
    /// Move a batch to another area: shipment and receipt at once; without a mass, the whole batch
    Move {
        #[command(flatten)]
        batch: Batch,
        /// To which area
        #[arg(long)]
        to: Option<String>,
    },
    /// Book any other change: losses, discards, production, rebatching …
    Change {
        #[command(flatten)]
        batch: Batch,
        #[command(flatten)]
        new: NewBatch,
        /// The code of the change, such as LD
        #[arg(long)]
        code: Option<ChangeCode>,
        /// The number of the change that this one takes the place of; with a mass of 0, it is deleted
        #[arg(long, value_name = "NUMBER")]
        corrects: Option<i64>,
    },
    /// Correct the form of a batch, or give it one; nothing of it moves
    Set {
        /// The material balance area
        area: Option<String>,
        /// The name of the batch
        batch: Option<String>,
        /// What it consists of, where batches of several materials have its name
        #[arg(long)]
        material: Option<MaterialKind>,
        /// Its physical and chemical form
        #[arg(long)]
        form: Option<String>,
    },
    /// Take a physical inventory of an area, or print the list to count by
    Inventory {
        /// The material balance area
        area: Option<String>,
        /// What was found: a table, as --expected prints it
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// The day of the inventory [default: today]
        #[arg(long, value_parser = day)]
        date: Option<Date>,
        /// Print what the books expect, to be filled in while counting
        #[arg(long, conflicts_with = "file")]
        expected: bool,
    },
    /// What is held, added up
    Holdings {
        /// What to add up by: site, mba, material, purpose, category, regime
        #[arg(long, value_name = "BY", value_delimiter = ',', default_values = ["site", "category"])]
        group: Vec<By>,
        /// Item by item
        #[arg(long)]
        items: bool,
    },
    /// The material balance of an area: does it close?
    Balance {
        /// The material balance area
        area: String,
        /// The material
        material: MaterialKind,
        /// How often each test may raise an alarm, over all periods, where nothing is lost
        #[arg(long, value_name = "RATE", default_value_t = 0.05)]
        false_alarm: f64,
    },
    /// Assess a requirement in one regime, or take in many from a file
    Assess {
        /// The id of the requirement
        requirement: Option<String>,
        #[command(flatten)]
        answer: Box<AnswerArgs>,
        /// Many: a JSON list, or a table
        #[arg(long, value_name = "FILE", conflicts_with = "requirement")]
        file: Option<PathBuf>,
    },
    /// Civil and military side by side, and against the baseline
    Parity {
        /// How it went over time
        #[arg(long)]
        history: bool,
        /// What must rise, and by how much
        #[arg(long, conflicts_with = "history")]
        rises: bool,
    },
    /// The action plan: what is due, what is overdue, which gaps nobody closes
    Plan {
        /// Add or change actions: a JSON list
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Check chain, sums, categories and links
    Check {
        /// An entry noted earlier, as NUMBER:HASH: it must still stand
        #[arg(long, value_name = "NUMBER:HASH")]
        head: Option<String>,
    },
    /// Copy the register into another file, while it is in use
    Backup {
        /// The file to make
        file: PathBuf,
        #[command(flatten)]
        other_key: OtherKey,
    },
    /// Make the register from a backup
    Restore {
        /// The backup
        backup: PathBuf,
    },
    /// Take in inventory changes: a table, or a Code 10 report (ICR, PIL)
    Import {
        /// The file
        file: PathBuf,
        /// What the register has already happened once more: take it in again
        #[arg(long)]
        again: bool,
    },
    /// Open it with another passphrase or key file from now on
    Rekey(NewKey),
    /// Write something out, for others to read
    Export(ExportArgs),
    /// Commit to the whole register of a day: one root to publish, that shows nothing and binds to everything
    Commit(CommitArgs),
    /// Open parts of a commitment for one reader, encrypted to its key
    Disclose(DiscloseArgs),
    /// Prove a claim about a commitment, without showing what it rests on
    Prove(ProveArgs),
    /// Draft a statement: the only bridge to what others see
    Draft {
        #[command(subcommand)]
        about: DraftArgs,
    },
    /// Who changed what, when and why
    Journal {
        /// From which entry on [default: the last ones]
        #[arg(long, value_name = "ENTRY", value_parser = clap::value_parser!(i64).range(1..))]
        from: Option<i64>,
        /// At most so many entries
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..))]
        count: i64,
        /// All entries
        #[arg(long, conflicts_with_all = ["from", "count"])]
        all: bool,
        /// The inventory changes of one entry, with their numbers
        #[arg(long, value_name = "ENTRY")]
        changes: Option<i64>,
        /// The inventory changes of one batch, with their numbers
        #[arg(long, value_name = "NAME")]
        batch: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Add {
    /// A site, by an id that tells nothing
    Site {
        /// Its id, such as S1
        id: Option<String>,
        /// Civil or military
        #[arg(long)]
        regime: Option<Regime>,
        /// What the keepers want to remember
        #[arg(long, default_value = "")]
        note: String,
    },
    /// A material balance area
    Area {
        /// Its code, such as XA01
        code: Option<String>,
        /// The site that it is part of
        #[arg(long)]
        site: Option<String>,
        /// The code of the facility, for reports
        #[arg(long, default_value = "")]
        facility: String,
        /// What the keepers want to remember
        #[arg(long, default_value = "")]
        note: String,
    },
    /// How well something is measured: relative standard deviations
    Measurement {
        /// The material balance area
        area: String,
        /// The material
        material: MaterialKind,
        /// An inventory change code, or `inventory`
        location: String,
        /// Of what is new in every balance period, over all measurements of it together: 0.01 is 1 %
        #[arg(long)]
        random_sd: f64,
        /// Of what all measurements have in common
        #[arg(long)]
        systematic_sd: f64,
    },
    /// What the State chose where the rules leave it a choice
    Choice {
        /// Fuel of category I or II goes down one level while its dose rate exceeds 1 Gy/h at 1 m
        #[arg(long)]
        reduce_irradiated: bool,
    },
    /// Findings of peer reviews: a JSON list
    Findings {
        /// The file
        file: PathBuf,
    },
    /// Commitments: a JSON list
    Commitments {
        /// The file
        file: PathBuf,
    },
    /// Regulations: a JSON list
    Regulations {
        /// The file
        file: PathBuf,
    },
    /// Peer reviews: a JSON list
    Reviews {
        /// The file
        file: PathBuf,
    },
}

/// A batch, and how much of it.
#[derive(Debug, ClapArgs)]
pub(crate) struct Batch {
    /// The material balance area
    pub(crate) area: Option<String>,
    /// The name of the batch
    pub(crate) batch: Option<String>,
    /// What it consists of
    #[arg(long)]
    pub(crate) material: Option<MaterialKind>,
    /// Mass of the element, in grams
    #[arg(long, allow_negative_numbers = true, value_name = "GRAMS", value_parser = parse_grams)]
    pub(crate) element_g: Option<i64>,
    /// Mass of the isotope, in grams: U-235, U-233 or Pu-238
    #[arg(long, allow_negative_numbers = true, value_name = "GRAMS", value_parser = parse_grams)]
    pub(crate) isotope_g: Option<i64>,
    /// How many pieces
    #[arg(long)]
    pub(crate) pieces: Option<i64>,
    /// The day on which it happened [default: today]
    #[arg(long, value_parser = day)]
    pub(crate) date: Option<Date>,
}

/// What only a new batch needs.
#[derive(Debug, ClapArgs)]
pub(crate) struct NewBatch {
    /// Its physical and chemical form
    #[arg(long)]
    pub(crate) form: Option<String>,
    /// unirradiated, or irradiated: more than 1 Gy/h at 1 m
    #[arg(long, value_parser = parse_irradiation)]
    pub(crate) irradiation: Option<Irradiation>,
    /// What it is for [default: as the site]
    #[arg(long)]
    pub(crate) purpose: Option<Purpose>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AnswerArgs {
    /// Civil or military
    #[arg(long)]
    pub(crate) regime: Option<Regime>,
    /// Whether law or a binding rule asks it
    #[arg(long)]
    pub(crate) in_law: Option<Extent>,
    /// Whether that is enforced
    #[arg(long)]
    pub(crate) enforced: Option<Extent>,
    /// 0 (nothing in place) to 5 (done, and kept up and improved)
    #[arg(long)]
    pub(crate) maturity: Option<Maturity>,
    /// How far the work has come
    #[arg(long)]
    pub(crate) work: Option<WorkStatus>,
    /// Why it does not apply to the regime, where it does not
    #[arg(long, value_name = "REASON", conflicts_with_all = ["in_law", "enforced", "maturity", "work"])]
    pub(crate) not_applicable: Option<String>,
    /// How sure the assessor is
    #[arg(long)]
    pub(crate) confidence: Option<Confidence>,
    /// Who may read it
    #[arg(long, default_value = "national")]
    pub(crate) publication: Publication,
    /// The day of the assessment [default: today]
    #[arg(long, value_parser = day)]
    pub(crate) date: Option<Date>,
    /// What a reader should know
    #[arg(long, default_value = "")]
    pub(crate) note: String,
}

/// The key of a copy, where it is another one.
#[derive(Debug, ClapArgs)]
pub(crate) struct OtherKey {
    /// Encrypt the copy under the passphrase of this file
    #[arg(long, value_name = "FILE", conflicts_with = "copy_key_file")]
    pub(crate) copy_passphrase_file: Option<PathBuf>,
    /// Encrypt the copy under this key file
    #[arg(long, value_name = "FILE")]
    pub(crate) copy_key_file: Option<PathBuf>,
}

/// The key from now on.
#[derive(Debug, ClapArgs)]
pub(crate) struct NewKey {
    /// Read the new passphrase from the first line of a file
    #[arg(long, value_name = "FILE", conflicts_with = "new_key_file")]
    pub(crate) new_passphrase_file: Option<PathBuf>,
    /// Open with this key file from now on
    #[arg(long, value_name = "FILE")]
    pub(crate) new_key_file: Option<PathBuf>,
    /// Make the key file of --new-key-file, of random bytes
    #[arg(long, requires = "new_key_file")]
    pub(crate) make_key: bool,
}

/// What is written out, how, and for whom.
#[derive(Debug, ClapArgs)]
pub(crate) struct ExportArgs {
    /// What: all but assessments is item detail, and asks for --level national
    #[arg(default_value = "assessments")]
    pub(crate) what: Export,
    /// The form of assessments
    #[arg(long = "as", value_name = "FORM", default_value = "json")]
    pub(crate) form: Form,
    /// Whose profile: civil or military
    #[arg(long)]
    pub(crate) regime: Option<Regime>,
    /// The material balance area, for reports
    #[arg(long)]
    pub(crate) area: Option<String>,
    /// From which day, for reports
    #[arg(long, value_parser = day)]
    pub(crate) from: Option<Date>,
    /// For an ICR: its readers had no report of these days, so that nothing in it is a correction
    #[arg(long)]
    pub(crate) as_new: bool,
    /// Who may read it: nothing of a narrower level is written
    #[arg(long, default_value = "public")]
    pub(crate) level: Publication,
    /// The file to write, for `oscal` the folder [default: print it]
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// The form of assessments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// A list that `assess --file` reads
    Json,
    /// A table: every requirement, both regimes, how they stand to each other and to the baseline
    Csv,
    /// OSCAL: every document, which refer to each other, into the folder of --output
    Oscal,
    /// OSCAL: the requirements
    OscalCatalog,
    /// OSCAL: what the IAEA baseline asks of the regime of --regime
    OscalProfile,
    /// OSCAL: how requirements of different documents relate
    OscalMapping,
    /// OSCAL: what the State says of each requirement
    OscalAssessment,
    /// OSCAL: findings of reviews, and the action plan
    OscalPoam,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Export {
    /// Every inventory change, as a table that `import` reads
    Changes,
    /// What is held, item by item
    Holdings,
    /// Code 10 inventory change report of an area
    Icr,
    /// Code 10 physical inventory listing of an area
    Pil,
    /// Code 10 material balance report of an area
    Mbr,
    /// Assessments, and what OSCAL has besides, as far as they may be read at the level
    Assessments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DraftArgs {
    /// Military against civil protection, as one word
    Parity(Common),
    /// How many requirements a regime meets
    Assessment {
        /// Civil or military
        #[arg(long)]
        regime: Option<Regime>,
        #[command(flatten)]
        common: Common,
    },
    /// A stock at the end of a year
    Holdings {
        #[command(flatten)]
        stock: StockArgs,
        /// The year
        #[arg(long)]
        year: Option<i16>,
        #[command(flatten)]
        common: Common,
    },
    /// At how many sites there is weapons-usable material
    Sites {
        /// How wide the band is
        #[arg(long, default_value_t = 5)]
        band: u32,
        #[command(flatten)]
        common: Common,
    },
    /// By how much a stock fell
    Reduction {
        #[command(flatten)]
        stock: StockArgs,
        /// The earlier day
        #[arg(long, value_parser = day)]
        from: Option<Date>,
        /// The later day
        #[arg(long, value_parser = day)]
        to: Option<Date>,
        /// What was done: downblending, removal, disposal …
        #[arg(long)]
        action: Option<ProgrammeAction>,
        /// The name of the programme
        #[arg(long)]
        programme: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// A regulation that is public
    Regulation(Named),
    /// A peer review that is public
    Review(Named),
    /// A commitment that is public
    Commitment(Named),
    /// The last step towards a commitment that is public
    Progress(Named),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Common {
    /// What a reader should know: the only free text of the draft
    #[arg(long, default_value = "")]
    pub(crate) note: String,
    /// The file to write [default: print it]
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Named {
    /// Its id in the register
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct StockArgs {
    /// HEU, separated-Pu or Pu-in-spent-fuel
    #[arg(long)]
    pub(crate) material: Option<StockMaterial>,
    /// civilian, military, naval or excess-declared
    #[arg(long)]
    pub(crate) purpose: Option<Purpose>,
    /// Rounded to so many kilograms
    #[arg(long, value_name = "KG", default_value_t = 100)]
    pub(crate) round_kg: u32,
}

fn day(text: &str) -> Result<Date, String> {
    parse_day(text).map_err(|error| error.to_string())
}
