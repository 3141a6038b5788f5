//! The framework of an index: its indicators, the groups above them, and what is done with them.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use toml::Spanned;

use crate::data::{Row, Sheet};
use crate::{Aggregate, Error, Factor, Impute, Normalise, Screen, Treat, Weighting};

/// The steps that hold wherever a level, a group or an indicator says nothing else.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Steps {
    /// How gaps are filled.
    pub impute: Impute,
    /// Which units are scored; all, unless something is said.
    pub screen: Option<Screen>,
    /// How outliers are treated.
    pub treat: Treat,
    /// How indicators are normalised.
    pub normalise: Normalise,
    /// Where weights come from.
    pub weights: Weighting,
    /// How groups are aggregated.
    pub aggregate: Aggregate,
    /// The least share of a group's members, 0 to 1, that a unit must have a score for to be scored in
    /// the group. With 0 one member is enough; its weight is then the whole weight.
    pub min_present: f64,
}

/// What is done with indicators and groups, apart from which there are.
///
/// A framework file holds a plan and the indicators; a file with the plan alone goes with an `iMeta.csv`.
///
/// ```
/// use surety_index::Plan;
///
/// let plan = Plan::from_toml(
///     "plan.toml",
///     r#"
///     [steps]
///     impute = { group-mean = "region" }
///     normalise = { min-max = { lower = 1, upper = 100 } }
///
///     [[level]]
///     level = 3
///     aggregate = "geometric"
///     "#,
/// )?;
/// assert_eq!(plan.steps.aggregate, surety_index::Aggregate::Arithmetic);
/// # Ok::<(), surety_index::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// The steps for everything.
    pub steps: Steps,
    /// What holds for one level only.
    pub levels: Vec<LevelPlan>,
    /// What is uncertain.
    pub factors: Vec<Factor>,
}

/// What holds for the groups of one level only.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelPlan {
    /// The level; indicators are level 1, so groups begin at 2.
    pub level: u32,
    /// Where the weights of the members come from.
    pub weights: Option<Weighting>,
    /// How the groups are aggregated.
    pub aggregate: Option<Aggregate>,
}

/// An indicator or a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) parent: Option<usize>,
    pub(crate) members: Vec<usize>,
    pub(crate) level: u32,
    pub(crate) weight: f64,
    pub(crate) role: Role,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Role {
    Indicator { lower_is_better: bool, denominator: Option<String>, treat: Treat, normalise: Normalise },
    Group { weights: Weighting, aggregate: Aggregate },
}

impl Node {
    /// Its code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Its name; the code where none is given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// 1 for an indicator; for a group, one more than its highest member.
    pub fn level(&self) -> u32 {
        self.level
    }

    /// Its weight among the members of its group, as the framework gives it.
    pub fn weight(&self) -> f64 {
        self.weight
    }
}

/// Indicators, groups and what is done with them. One that exists is a tree with one top, whose leaves
/// are indicators.
///
/// ```
/// use surety_index::Framework;
///
/// let framework = Framework::from_toml(
///     "index.toml",
///     r#"
///     [steps]
///     normalise = { goalposts = { lower = 0, upper = 10 } }
///
///     [[group]]
///     code = "index"
///
///     [[indicator]]
///     code = "law"
///     parent = "index"
///     weight = 2
///
///     [[indicator]]
///     code = "accidents"
///     parent = "index"
///     direction = "lower-is-better"
///     "#,
/// )?;
/// assert_eq!(framework.top().code(), "index");
/// # Ok::<(), surety_index::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Framework {
    /// Indicators in the order given, then groups from the lowest level to the top.
    pub(crate) nodes: Vec<Node>,
    pub(crate) plan: Plan,
}

impl Plan {
    /// Reads a plan without indicators. `file` is used in messages only.
    pub fn from_toml(file: &str, text: &str) -> Result<Self, Error> {
        let read = File::read(file, text)?;
        if let Some(code) = read
            .group
            .iter()
            .map(|group| &group.code)
            .chain(read.indicator.iter().map(|one| &one.code))
            .next()
        {
            let what = format!(
                "`{}`: a plan has no indicators or groups of its own; read it as a framework",
                code.get_ref()
            );
            return Err(Error::parse(place(file, text, code.span().start), what));
        }
        read.into_plan(file)
    }
}

impl Framework {
    /// Reads a framework. `file` is used in messages only.
    pub fn from_toml(file: &str, text: &str) -> Result<Self, Error> {
        let mut read = File::read(file, text)?;
        let spot = |code: &Spanned<String>| place(file, text, code.span().start);
        let mut entries = Vec::new();
        for indicator in std::mem::take(&mut read.indicator) {
            entries.push(Entry {
                place: spot(&indicator.code),
                parent: Some((spot(&indicator.parent), indicator.parent.into_inner())),
                name: indicator.name.unwrap_or_else(|| indicator.code.get_ref().clone()),
                code: indicator.code.into_inner(),
                weight: indicator.weight,
                kind: Kind::Indicator {
                    lower_is_better: indicator.direction == Direction::LowerIsBetter,
                    denominator: indicator.denominator,
                    treat: indicator.treat,
                    normalise: indicator.normalise,
                },
            });
        }
        for group in std::mem::take(&mut read.group) {
            entries.push(Entry {
                place: spot(&group.code),
                parent: group.parent.map(|parent| (spot(&parent), parent.into_inner())),
                name: group.name.unwrap_or_else(|| group.code.get_ref().clone()),
                code: group.code.into_inner(),
                weight: group.weight,
                kind: Kind::Group { weights: group.weights, aggregate: group.aggregate },
            });
        }
        build(file, entries, read.into_plan(file)?)
    }

    /// Reads `COINr`'s `iMeta.csv` as it is; the plan says what is done with the indicators.
    ///
    /// Lines of type `Indicator` and `Aggregate` make the hierarchy; denominators and groups of units are
    /// columns of the data and are found there.
    pub fn from_imeta(file: &str, text: &str, plan: Plan) -> Result<Self, Error> {
        let sheet = Sheet::parse(file, text)?;
        let mut entries = Vec::new();
        for row in &sheet.rows {
            if let Some(entry) = imeta_entry(&sheet, row)? {
                entries.push(entry);
            }
        }
        build(file, entries, plan)
    }

    /// The indicators, in the order given.
    pub fn indicators(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.members.is_empty())
    }

    /// The groups, from the lowest level to the top.
    pub fn groups(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| !node.members.is_empty())
    }

    /// The group above all others: the index.
    pub fn top(&self) -> &Node {
        &self.nodes[self.nodes.len() - 1]
    }

    /// An indicator or group by its code.
    pub fn node(&self, code: &str) -> Result<&Node, Error> {
        Ok(&self.nodes[self.find(code)?])
    }

    /// What is done with the indicators.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The same framework with other weights for some indicators or groups; the rest keep theirs.
    pub fn with_weights(mut self, weights: &[(&str, f64)]) -> Result<Self, Error> {
        for &(code, weight) in weights {
            let index = self.find(code)?;
            check_weight(weight).map_err(|what| Error::column(code, what))?;
            self.nodes[index].weight = weight;
        }
        self.check_sums("weights")?;
        Ok(self)
    }

    /// The share of each indicator and group in the whole: its weight within its group, times the share of
    /// the group. This is its effective weight where every mean above it is arithmetic.
    pub fn effective_weights(&self) -> Vec<(&str, f64)> {
        let weights: Vec<f64> = self.nodes.iter().map(|node| node.weight).collect();
        let shares = self.shares(&weights);
        self.nodes.iter().map(|node| node.code.as_str()).zip(shares).collect()
    }

    /// [`effective_weights`](Self::effective_weights) for other weights than those given.
    pub(crate) fn shares(&self, weights: &[f64]) -> Vec<f64> {
        let mut shares = vec![1.0; self.nodes.len()];
        for (index, node) in self.nodes.iter().enumerate().rev() {
            let total: f64 = node.members.iter().map(|&member| weights[member]).sum();
            for &member in &node.members {
                shares[member] = shares[index] * weights[member] / total;
            }
        }
        shares
    }

    pub(crate) fn find(&self, code: &str) -> Result<usize, Error> {
        let index = self.nodes.iter().position(|node| node.code == code);
        index.ok_or_else(|| {
            Error::unknown_code(code, self.nodes.iter().map(|node| node.code.as_str()).collect())
        })
    }

    /// The columns of the data that must hold numbers.
    pub(crate) fn data_columns(&self) -> HashSet<&str> {
        let mut columns = HashSet::new();
        for node in &self.nodes {
            if let Role::Indicator { denominator, .. } = &node.role {
                columns.insert(node.code.as_str());
                columns.extend(denominator.as_deref());
            }
        }
        columns
    }

    pub(crate) fn indicator_count(&self) -> usize {
        self.indicators().count()
    }

    /// Whether a node is the given one or below it.
    pub(crate) fn is_under(&self, node: usize, ancestor: usize) -> bool {
        node == ancestor || self.nodes[node].parent.is_some_and(|parent| self.is_under(parent, ancestor))
    }

    fn check_sums(&self, file: &str) -> Result<(), Error> {
        for group in self.groups() {
            if group.members.iter().map(|&member| self.nodes[member].weight).sum::<f64>() <= 0.0 {
                let what = format!(
                    "the weights of the members of `{}` sum to 0: give at least one a weight",
                    group.code
                );
                return Err(Error::parse(file, what));
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    steps: Steps,
    #[serde(default)]
    level: Vec<LevelPlan>,
    #[serde(default)]
    group: Vec<GroupEntry>,
    #[serde(default)]
    indicator: Vec<IndicatorEntry>,
    #[serde(default)]
    factor: Vec<Factor>,
    /// How the figures of the indicators come about: for whoever makes them, and not read here.
    #[serde(default, rename = "data")]
    _data: serde::de::IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupEntry {
    code: Spanned<String>,
    name: Option<String>,
    parent: Option<Spanned<String>>,
    #[serde(default = "one")]
    weight: f64,
    weights: Option<Weighting>,
    aggregate: Option<Aggregate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IndicatorEntry {
    code: Spanned<String>,
    name: Option<String>,
    parent: Spanned<String>,
    #[serde(default = "one")]
    weight: f64,
    #[serde(default)]
    direction: Direction,
    denominator: Option<String>,
    treat: Option<Treat>,
    normalise: Option<Normalise>,
}

#[derive(Deserialize, Default, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Direction {
    #[default]
    HigherIsBetter,
    LowerIsBetter,
}

fn one() -> f64 {
    1.0
}

impl File {
    fn read(file: &str, text: &str) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error| {
            let place = error.span().map_or_else(|| file.to_owned(), |span| place(file, text, span.start));
            Error::parse(place, error.message())
        })
    }

    fn into_plan(self, file: &str) -> Result<Plan, Error> {
        let refuse = |what: String| Error::parse(file, what);
        self.steps.normalise.check().map_err(refuse)?;
        self.steps.aggregate.check().map_err(refuse)?;
        let shares = [Some(self.steps.min_present), self.steps.screen.map(|screen| screen.min_present)];
        if let Some(share) = shares.into_iter().flatten().find(|share| !(0.0..=1.0).contains(share)) {
            return Err(refuse(format!("min-present is {share}: it is a share, from 0 to 1")));
        }
        for level in &self.level {
            level.aggregate.map_or(Ok(()), Aggregate::check).map_err(refuse)?;
            if level.level < 2 {
                return Err(refuse("[[level]]: level 1 is the indicators; groups begin at level 2".into()));
            }
        }
        for factor in &self.factor {
            factor.check().map_err(refuse)?;
        }
        Ok(Plan { steps: self.steps, levels: self.level, factors: self.factor })
    }
}

/// `file:line:column` of a byte.
fn place(file: &str, text: &str, byte: usize) -> String {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    format!("{file}:{line}:{column}")
}

/// An indicator or group as a file gives it.
struct Entry {
    place: String,
    code: String,
    name: String,
    /// The place where the parent is named, and its code.
    parent: Option<(String, String)>,
    weight: f64,
    kind: Kind,
}

enum Kind {
    Indicator {
        lower_is_better: bool,
        denominator: Option<String>,
        treat: Option<Treat>,
        normalise: Option<Normalise>,
    },
    Group {
        weights: Option<Weighting>,
        aggregate: Option<Aggregate>,
    },
}

fn imeta_entry(sheet: &Sheet, row: &Row) -> Result<Option<Entry>, Error> {
    let place = sheet.place(row);
    let cell = |header: &str| -> Result<&str, Error> {
        let column = sheet.find(header).ok_or_else(|| {
            Error::parse(
                format!("{}:1", sheet.file),
                format!("no column `{header}`: iMeta has Level, iCode, Direction, Weight, Parent and Type"),
            )
        })?;
        Ok(row.cells[column].as_str())
    };
    let optional = |header: &str| match sheet.find(header).map(|column| row.cells[column].as_str()) {
        None | Some("" | "NA") => None,
        Some(text) => Some(text.to_owned()),
    };
    let number = |header: &str| -> Result<f64, Error> {
        let text = cell(header)?;
        text.parse()
            .map_err(|_| Error::parse(place.clone(), format!("column `{header}`: `{text}` is not a number")))
    };
    let kind = match cell("Type")? {
        "Indicator" => Kind::Indicator {
            lower_is_better: match cell("Direction")? {
                "1" => false,
                "-1" => true,
                other => return Err(Error::parse(place, format!("direction `{other}`: use 1 or -1"))),
            },
            denominator: optional("Denominator"),
            treat: None,
            normalise: None,
        },
        "Aggregate" => Kind::Group { weights: None, aggregate: None },
        "Group" | "Denominator" | "Other" => return Ok(None),
        other => {
            let what = format!("type `{other}`: use Indicator, Aggregate, Group, Denominator or Other");
            return Err(Error::parse(place, what));
        }
    };
    let code = cell("iCode")?.to_owned();
    Ok(Some(Entry {
        name: optional("iName").unwrap_or_else(|| code.clone()),
        parent: optional("Parent").map(|parent| (place.clone(), parent)),
        weight: number("Weight")?,
        code,
        kind,
        place,
    }))
}

/// Makes the tree, or says why the entries are none.
fn build(file: &str, entries: Vec<Entry>, plan: Plan) -> Result<Framework, Error> {
    let levels = levels(file, &entries)?;
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|&entry| levels[entry]);
    let position: HashMap<&str, usize> =
        order.iter().enumerate().map(|(position, &entry)| (entries[entry].code.as_str(), position)).collect();
    let parents: Vec<Option<usize>> = order
        .iter()
        .map(|&entry| entries[entry].parent.as_ref().map(|(_, parent)| position[parent.as_str()]))
        .collect();
    let mut entries: Vec<Option<Entry>> = entries.into_iter().map(Some).collect();
    let mut nodes = Vec::with_capacity(order.len());
    for (index, &from) in order.iter().enumerate() {
        let Some(entry) = entries[from].take() else { continue };
        let level = levels[from];
        check_weight(entry.weight).map_err(|what| Error::parse(&entry.place, what))?;
        let members = (0..order.len()).filter(|&other| parents[other] == Some(index)).collect();
        let role = role(entry.kind, level, &plan).map_err(|what| Error::parse(&entry.place, what))?;
        nodes.push(Node {
            code: entry.code,
            name: entry.name,
            parent: parents[index],
            members,
            level,
            weight: entry.weight,
            role,
        });
    }
    let framework = Framework { nodes, plan };
    framework.check_sums(file)?;
    Ok(framework)
}

/// What a node does: what it says itself, else what its level says, else what holds for everything.
fn role(kind: Kind, level: u32, plan: &Plan) -> Result<Role, String> {
    let steps = &plan.steps;
    let of_level = plan.levels.iter().find(|entry| entry.level == level);
    let role = match kind {
        Kind::Indicator { lower_is_better, denominator, treat, normalise } => Role::Indicator {
            lower_is_better,
            denominator,
            treat: treat.unwrap_or(steps.treat),
            normalise: normalise.unwrap_or_else(|| steps.normalise.clone()),
        },
        Kind::Group { weights, aggregate } => Role::Group {
            weights: weights.or(of_level.and_then(|entry| entry.weights)).unwrap_or(steps.weights),
            aggregate: aggregate.or(of_level.and_then(|entry| entry.aggregate)).unwrap_or(steps.aggregate),
        },
    };
    match &role {
        Role::Indicator { normalise, .. } => normalise.check()?,
        Role::Group { aggregate, .. } => aggregate.check()?,
    }
    Ok(role)
}

/// The level of each entry, once it is known that the entries make one tree.
fn levels(file: &str, entries: &[Entry]) -> Result<Vec<u32>, Error> {
    let mut by_code: HashMap<&str, usize> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        if entry.code.is_empty() {
            return Err(Error::parse(&entry.place, "the code is empty: give each indicator and group one"));
        }
        if let Some(first) = by_code.insert(&entry.code, index) {
            let what =
                format!("`{}` is already given at {}: codes are unique", entry.code, entries[first].place);
            return Err(Error::parse(&entry.place, what));
        }
    }
    let mut levels = vec![0_u32; entries.len()];
    let mut tops = Vec::new();
    for entry in
        entries.iter().filter(|entry| matches!(entry.kind, Kind::Group { .. }) && entry.parent.is_none())
    {
        tops.push(format!("`{}`", entry.code));
    }
    for (index, entry) in entries.iter().enumerate() {
        if matches!(entry.kind, Kind::Indicator { .. }) {
            raise(entries, &by_code, &mut levels, index)?;
        }
    }
    if let Some(index) = levels.iter().position(|level| *level == 0) {
        let what =
            format!("group `{}` has no indicator below it: give it one or leave it out", entries[index].code);
        return Err(Error::parse(&entries[index].place, what));
    }
    match tops.len() {
        1 => Ok(levels),
        0 => Err(Error::parse(
            file,
            "no group is the top: give one group no parent and let the others lead to it",
        )),
        _ => Err(Error::parse(file, format!("{} have no parent: only the top has none", tops.join(", ")))),
    }
}

/// Walks from an indicator to the top and lifts every group above what lies below it.
fn raise(
    entries: &[Entry],
    by_code: &HashMap<&str, usize>,
    levels: &mut [u32],
    indicator: usize,
) -> Result<(), Error> {
    levels[indicator] = 1;
    let mut at = indicator;
    let mut level = 1;
    while let Some((place, parent)) = &entries[at].parent {
        let Some(&above) = by_code.get(parent.as_str()) else {
            let nearest = surety_core::closest(parent, by_code.keys().copied());
            let hint = nearest.map_or(String::new(), |code| format!("; did you mean `{code}`?"));
            return Err(Error::parse(
                place,
                format!("parent `{parent}` of `{}` is not given{hint}", entries[at].code),
            ));
        };
        if matches!(entries[above].kind, Kind::Indicator { .. }) {
            return Err(Error::parse(
                place,
                format!("parent `{parent}` of `{}` is an indicator, not a group", entries[at].code),
            ));
        }
        level += 1;
        if level as usize > entries.len() {
            return Err(Error::parse(
                place,
                format!("`{parent}` is above itself: its parents go round in a circle"),
            ));
        }
        levels[above] = levels[above].max(level);
        at = above;
    }
    if at == indicator {
        let what = format!("indicator `{}` has no parent: name its group", entries[at].code);
        return Err(Error::parse(&entries[at].place, what));
    }
    Ok(())
}

fn check_weight(weight: f64) -> Result<(), String> {
    if weight >= 0.0 && weight.is_finite() {
        return Ok(());
    }
    Err(format!(
        "weight {weight}: a weight is a number of at least 0; turn the direction of an indicator to count it against"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "[[group]]\ncode = \"index\"\n\n[[group]]\ncode = \"legal\"\nparent = \"index\"\n\n\
        [[indicator]]\ncode = \"a\"\nparent = \"legal\"\nweight = 3\n\n[[indicator]]\ncode = \"b\"\nparent = \"legal\"\n\n\
        [[indicator]]\ncode = \"c\"\nparent = \"index\"\n";

    fn refused(text: &str) -> String {
        Framework::from_toml("f.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn an_indicator_may_hang_from_any_level() {
        let framework = Framework::from_toml("f.toml", TREE).unwrap();
        let levels: Vec<_> = framework.nodes.iter().map(|node| (node.code(), node.level())).collect();
        assert_eq!(levels, [("a", 1), ("b", 1), ("c", 1), ("legal", 2), ("index", 3)]);
        let shares = framework.effective_weights();
        assert_eq!(shares[0], ("a", 0.375));
        assert!((shares[..3].iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn every_mistake_in_a_framework_is_named_with_its_place() {
        for (text, place, what) in [
            (
                TREE.replace("parent = \"legal\"\nweight", "parent = \"leagl\"\nweight"),
                "f.toml:10:10",
                "parent `leagl` of `a` is not given; did you mean `legal`?",
            ),
            (
                TREE.replace("code = \"b\"", "code = \"a\""),
                "f.toml:14:8",
                "`a` is already given at f.toml:9:8",
            ),
            (TREE.replace("weight = 3", "weight = -3"), "f.toml:9:8", "weight -3"),
            (TREE.replace("weight = 3", "wieght = 3"), "f.toml:11:1", "unknown field `wieght`"),
            (
                TREE.replace(
                    "parent = \"index\"\n\n[[indicator]]\ncode = \"a\"",
                    "[[indicator]]\ncode = \"a\"",
                ),
                "f.toml",
                "`index`, `legal` have no parent",
            ),
            (
                TREE.replace("code = \"index\"\n", "code = \"index\"\nparent = \"legal\"\n"),
                "f.toml",
                "circle",
            ),
            (
                TREE.replace("parent = \"index\"\n\n[[ind", "parent = \"a\"\n\n[[ind"),
                "f.toml:6:10",
                "is an indicator, not a group",
            ),
            (
                TREE.replace("weight = 3", "weight = 0").replace("code = \"b\"", "code = \"b\"\nweight = 0"),
                "f.toml",
                "members of `legal` sum to 0",
            ),
            (
                format!("{TREE}\n[[group]]\ncode = \"empty\"\nparent = \"index\"\n"),
                "f.toml:22:8",
                "no indicator below it",
            ),
            (format!("[steps]\nnormalise = \"minmax\"\n{TREE}"), "f.toml:2:13", "unknown variant `minmax`"),
            (
                format!("[steps]\nnormalise = {{ min-max = {{ lower = 5, upper = 1 }} }}\n{TREE}"),
                "f.toml",
                "must lie above",
            ),
            (
                format!("[steps]\naggregate = {{ generalised = 0 }}\n{TREE}"),
                "f.toml",
                "for 0 use `geometric`",
            ),
        ] {
            let error = refused(&text);
            assert!(error.starts_with(place) && error.contains(what), "{error}\nexpected {place}: … {what}");
        }
    }

    #[test]
    fn what_is_said_nearest_to_a_group_holds() {
        let plan = "[steps]\naggregate = \"harmonic\"\n[[level]]\nlevel = 3\naggregate = \"geometric\"\n";
        let framework = Framework::from_toml("f.toml", &format!("{plan}{TREE}")).unwrap();
        let aggregate = |code: &str| match framework.node(code).unwrap().role {
            Role::Group { aggregate, .. } => aggregate,
            Role::Indicator { .. } => panic!("{code} is a group"),
        };
        assert_eq!((aggregate("legal"), aggregate("index")), (Aggregate::Harmonic, Aggregate::Geometric));
        let own = TREE
            .replace("parent = \"index\"\n\n[[ind", "parent = \"index\"\naggregate = \"copeland\"\n\n[[ind");
        let framework = Framework::from_toml("f.toml", &format!("{plan}{own}")).unwrap();
        assert!(matches!(
            framework.node("legal").unwrap().role,
            Role::Group { aggregate: Aggregate::Copeland, .. }
        ));
    }

    #[test]
    fn new_weights_are_checked_like_those_of_the_file() {
        let framework = Framework::from_toml("f.toml", TREE).unwrap();
        let changed = framework.clone().with_weights(&[("a", 1.0), ("legal", 3.0)]).unwrap();
        assert_eq!(changed.effective_weights()[0], ("a", 0.375));
        let error = framework.clone().with_weights(&[("lega", 1.0)]).unwrap_err().to_string();
        assert!(error.contains("did you mean `legal`"), "{error}");
        assert!(framework.with_weights(&[("a", f64::NAN)]).is_err());
    }

    #[test]
    fn a_plan_has_no_indicators() {
        assert!(Plan::from_toml("p.toml", TREE).unwrap_err().to_string().contains("read it as a framework"));
        let error =
            Framework::from_imeta("m.csv", "iCode,Level\nx,1\n", Plan::default()).unwrap_err().to_string();
        assert!(error.starts_with("m.csv:1: no column `Type`"), "{error}");
    }
}
