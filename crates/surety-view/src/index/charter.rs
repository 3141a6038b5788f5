//! Findings as figures: what the framework says they are, and nothing more.

use anyhow::{Context as _, bail};
use serde::Deserialize;
use surety_core::{Level, Verdict};
use surety_index::{Data, Doubt, Doubts, Framework};
use surety_world::{StateFindings, find_action};

/// The least figure, the figure, and the greatest.
type Range = [f64; 3];

/// How the `[data]` of a framework makes figures of findings.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mapping {
    /// By assurance level, 0 to 5.
    met: [Range; 6],
    partly_met: [Range; 6],
    not_met: [Range; 6],
    silence: Range,
    silence_together: Together,
}

/// Which silent figures are high or low together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Together {
    /// All those of a State.
    State,
    /// None: each is drawn by itself.
    Finding,
}

/// What a finding or figure is set to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Set {
    /// A verdict with its assurance level.
    Finding(Verdict, Level),
    /// A figure.
    Figure(f64),
}

impl Mapping {
    /// Reads the `[data]` of a framework.
    pub fn from_toml(file: &str, text: &str) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Outer {
            data: Option<Mapping>,
        }
        let outer: Outer = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
            anyhow::anyhow!("{file}:{line}: [data]: {}", error.message())
        })?;
        let mapping = outer.data.with_context(|| {
            format!("{file}: no [data] says which figure a finding becomes: copy it from data/frameworks/charter.toml")
        })?;
        let all = mapping.met.iter().chain(&mapping.partly_met).chain(&mapping.not_met);
        for [low, figure, high] in all.chain([&mapping.silence]) {
            Doubt::triangular(*low, *figure, *high).with_context(|| format!("{file}: [data]"))?;
        }
        Ok(mapping)
    }

    /// The figure of a finding with its range; `None` where the action does not apply.
    pub fn range(&self, verdict: Verdict, level: Level) -> Option<Range> {
        let level = usize::from(level.number());
        match verdict {
            Verdict::Met => Some(self.met[level]),
            Verdict::PartlyMet => Some(self.partly_met[level]),
            Verdict::NotMet => Some(self.not_met[level]),
            Verdict::NoPublicEvidence => Some(self.silence),
            Verdict::NotApplicable => None,
        }
    }

    /// Puts a finding into the data, with its doubt.
    pub fn set(
        &self,
        data: &mut Data,
        doubts: &mut Doubts,
        (unit, code): (&str, &str),
        (verdict, level): (Verdict, Level),
    ) -> anyhow::Result<()> {
        let figure = self.range(verdict, level).map(|[_, figure, _]| figure);
        data.set(unit, code, figure)?;
        doubts.remove(unit, code);
        self.doubt(doubts, (unit, code), (verdict, level))
    }

    /// Adds the doubt about a finding, if there is any.
    fn doubt(
        &self,
        doubts: &mut Doubts,
        (unit, code): (&str, &str),
        (verdict, level): (Verdict, Level),
    ) -> anyhow::Result<()> {
        match self.range(verdict, level) {
            Some([low, _, high]) if verdict == Verdict::NoPublicEvidence => {
                let together = self.silence_together == Together::State;
                doubts.insert_as("silence", unit, code, Doubt::uniform(low, high)?, together);
            }
            Some([low, figure, high]) if low < high => {
                doubts.insert_as("assurance", unit, code, Doubt::triangular(low, figure, high)?, false);
            }
            _ => {}
        }
        Ok(())
    }
}

/// The States by the indicators of a framework, each of which is an action of the charter.
pub(crate) fn figures(
    file: &str,
    framework: &Framework,
    mapping: &Mapping,
    states: &[StateFindings],
) -> anyhow::Result<(Data, Doubts)> {
    let units: Vec<String> = states.iter().map(|state| state.state.to_string()).collect();
    let mut data = Data::new(units.iter().cloned())?;
    let mut doubts = Doubts::default();
    for node in framework.indicators() {
        let action = find_action(node.code()).with_context(|| format!("{file}: `{}`", node.code()))?;
        if action.id.as_str() != node.code() {
            bail!("{file}: `{}` is written {}", node.code(), action.id);
        }
        let mut figures = Vec::with_capacity(states.len());
        for (state, unit) in states.iter().zip(&units) {
            let finding = state.findings.iter().find(|finding| finding.action == action.id);
            let found = finding.map(|finding| (finding.verdict, finding.level));
            if let Some(found) = found {
                mapping.doubt(&mut doubts, (unit, node.code()), found)?;
            }
            let range = found.and_then(|(verdict, level)| mapping.range(verdict, level));
            figures.push(range.map(|[_, figure, _]| figure));
        }
        data = data.with(node.code(), &figures)?;
    }
    Ok((data, doubts))
}

impl Set {
    /// Reads `met`, `met@4` or a number; `na` leaves out.
    pub fn parse(text: &str) -> anyhow::Result<Option<Self>> {
        let (word, level) = text.split_once('@').unwrap_or((text, "3"));
        let verdict = match word.trim().to_lowercase().replace([' ', '_'], "-").as_str() {
            "met" => Verdict::Met,
            "partly-met" | "partly" => Verdict::PartlyMet,
            "not-met" => Verdict::NotMet,
            "silence" | "no-public-evidence" => Verdict::NoPublicEvidence,
            "na" | "not-applicable" => return Ok(None),
            number => {
                let figure = number.parse::<f64>().ok().filter(|figure| figure.is_finite());
                return Ok(Some(Self::Figure(figure.with_context(|| {
                    format!("`{text}` is no verdict and no number: use met, partly-met, not-met, silence or na, with @0 to @5, or a number")
                })?)));
            }
        };
        let levels =
            [Level::None, Level::Reported, Level::Declared, Level::Evidenced, Level::Reviewed, Level::Proven];
        let known = levels.into_iter().find(|known| {
            known.number().to_string() == level.trim() || known.as_str() == level.trim().to_lowercase()
        });
        let level = known.with_context(|| format!("`{level}` is no assurance level: use 0 to 5"))?;
        Ok(Some(Self::Finding(verdict, level)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use surety_world::CHARTER;

    fn charter() -> Mapping {
        Mapping::from_toml("charter.toml", super::super::CHARTER).unwrap()
    }

    #[test]
    fn the_charter_has_every_action_under_its_aim() {
        let framework = Framework::from_toml("charter.toml", super::super::CHARTER).unwrap();
        assert_eq!(framework.indicators().count(), CHARTER.len());
        for (node, action) in framework.indicators().zip(&CHARTER) {
            assert_eq!((node.code(), node.name()), (action.id.as_str(), action.title));
        }
    }

    #[test]
    fn better_verdicts_and_better_assurance_never_score_less() {
        let mapping = charter();
        for table in [mapping.met, mapping.partly_met] {
            assert!(table.windows(2).all(|pair| pair[0][1] <= pair[1][1]));
        }
        for level in 0..6 {
            assert!(mapping.not_met[level][1] < mapping.partly_met[level][1]);
            assert!(mapping.partly_met[level][1] < mapping.met[level][1]);
        }
    }

    #[test]
    fn silence_is_an_interval_from_failing_to_meeting() {
        assert_eq!(charter().range(Verdict::NoPublicEvidence, Level::None), Some([0.0, 50.0, 100.0]));
        assert_eq!(charter().range(Verdict::NotApplicable, Level::None), None);
    }

    #[test]
    fn what_is_set_is_a_verdict_a_number_or_nothing() {
        assert_eq!(Set::parse("met").unwrap(), Some(Set::Finding(Verdict::Met, Level::Evidenced)));
        assert_eq!(
            Set::parse("partly met@4").unwrap(),
            Some(Set::Finding(Verdict::PartlyMet, Level::Reviewed))
        );
        assert_eq!(Set::parse("na").unwrap(), None);
        assert_eq!(Set::parse("7.5").unwrap(), Some(Set::Figure(7.5)));
        assert!(Set::parse("mett").unwrap_err().to_string().contains("no verdict"));
        assert!(Set::parse("met@9").unwrap_err().to_string().contains("level"));
    }
}
