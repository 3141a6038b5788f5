//! Axes, steps and bands.

use maud::{Markup, html};
use surety_core::Date;

use crate::site::Cx;

pub(crate) const WIDTH: f64 = 720.0;
pub(crate) const HEIGHT: f64 = 300.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 30.0;

/// Where values stand.
pub(crate) struct Frame {
    first: f64,
    last: f64,
    top: f64,
    step: f64,
}

/// A date as a point on an axis of years.
pub(crate) fn year_of(date: Date) -> f64 {
    f64::from(date.year()) + (f64::from(date.day_of_year()) - 1.0) / f64::from(date.days_in_year())
}

impl Frame {
    /// From the first to the last year, and from nothing to at least `highest`.
    pub(crate) fn new(first: f64, last: f64, highest: f64) -> Self {
        let step = step(highest.max(1.0));
        Self { first, last: last.max(first + 1.0), top: (highest.max(1.0) / step).ceil() * step, step }
    }

    /// The same for what is counted: no half States.
    pub(crate) fn counts(first: f64, last: f64, highest: f64) -> Self {
        let step = step(highest.max(1.0)).max(1.0);
        Self { step, top: (highest.max(1.0) / step).ceil() * step, ..Self::new(first, last, highest) }
    }

    pub(crate) fn x(&self, year: f64) -> f64 {
        LEFT + (year - self.first) / (self.last - self.first) * (WIDTH - LEFT - RIGHT)
    }

    pub(crate) fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - value.min(self.top) / self.top * (HEIGHT - TOP - BOTTOM)
    }

    /// The lines and numbers behind a figure.
    pub(crate) fn axes(&self, unit: &str) -> Markup {
        let mut values = vec![0.0];
        while values[values.len() - 1] + self.step <= self.top * 1.000_001 {
            values.push(values[values.len() - 1] + self.step);
        }
        let apart = [1.0, 2.0, 5.0, 10.0].into_iter().find(|apart| (self.last - self.first) / apart <= 10.0);
        let apart = apart.unwrap_or(20.0);
        let mut years = vec![(self.first / apart).ceil() * apart];
        while years[years.len() - 1] + apart <= self.last {
            years.push(years[years.len() - 1] + apart);
        }
        html! {
            g.axes font-size="12" fill="#555" {
                @for value in &values {
                    line.grid x1=(px(LEFT)) x2=(px(WIDTH - RIGHT)) y1=(px(self.y(*value))) y2=(px(self.y(*value))) stroke="#ddd" {}
                    text x=(px(LEFT - 6.0)) y=(px(self.y(*value) + 4.0)) text-anchor="end" { (number(*value)) }
                }
                @for year in &years {
                    line.grid x1=(px(self.x(*year))) x2=(px(self.x(*year))) y1=(px(HEIGHT - BOTTOM)) y2=(px(HEIGHT - BOTTOM + 5.0)) stroke="#999" {}
                    text x=(px(self.x(*year))) y=(px(HEIGHT - BOTTOM + 19.0)) text-anchor="middle" { (year) }
                }
                text x="4" y="12" { (unit) }
            }
        }
    }

    /// A line that stays until the next date, up to the right edge.
    pub(crate) fn steps(&self, points: &[(f64, f64)]) -> String {
        format!("{}H{}", self.steps_to_last(points), px(self.x(self.last)))
    }

    /// A line that stays until the next date, and ends with the last.
    pub(crate) fn steps_to_last(&self, points: &[(f64, f64)]) -> String {
        let step = |(number, (year, value)): (usize, &(f64, f64))| {
            let (x, y) = (px(self.x(*year)), px(self.y(*value)));
            if number == 0 { format!("M{x} {y}") } else { format!("H{x}V{y}") }
        };
        points.iter().enumerate().map(step).collect()
    }
}

/// The words in place of a figure that has no points.
pub(crate) fn nothing(cx: &Cx<'_>) -> Markup {
    html! { text x=(px(WIDTH / 2.0)) y=(px(HEIGHT / 2.0)) text-anchor="middle" font-size="14" fill="#555" { (cx.t("chart-nothing")) } }
}

/// A step between values: 1, 2 or 5 times a power of ten, four to eight of them to the top.
fn step(top: f64) -> f64 {
    let power = 10_f64.powf((top / 5.0).log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|times| times * power)
        .find(|step| top / step <= 6.0)
        .unwrap_or(power)
}

/// A place in pixels, without digits that nobody sees.
pub(crate) fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// A number with its thousands apart.
pub(crate) fn number(value: f64) -> String {
    let text = if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") };
    let (whole, rest) =
        text.split_once('.').map_or((text.as_str(), String::new()), |(w, r)| (w, format!(".{r}")));
    let mut apart = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            apart.push('\u{202f}');
        }
        apart.push(digit);
    }
    apart + &rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_few() {
        for (top, expected) in [(1.0, 0.2), (6.0, 1.0), (197.0, 50.0), (1_400_000.0, 500_000.0), (12.0, 2.0)]
        {
            assert!((step(top) - expected).abs() < 1e-9, "{top}: {}", step(top));
        }
    }

    #[test]
    fn what_is_counted_has_whole_steps() {
        for (highest, top, step) in [(1.0, 1.0, 1.0), (3.0, 3.0, 1.0), (12.0, 12.0, 2.0)] {
            let frame = Frame::counts(1980.0, 1990.0, highest);
            assert!((frame.top - top).abs() < 1e-9 && (frame.step - step).abs() < 1e-9, "{highest}");
        }
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(number(1_234_567.0), "1\u{202f}234\u{202f}567");
        assert_eq!(number(950.0), "950");
        assert_eq!(number(0.2), "0.2");
    }
}
