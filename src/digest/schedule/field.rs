//! One field of a cron expression, read the way people mean it, as the set of its values.
//! It knows nothing of dates: which days exist and when is the schedule's.

use std::collections::BTreeSet;

/// One of the five fields, in the order they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// 1 to 31.
    Day,
    /// 1 to 12, or `jan` to `dec`.
    Month,
    /// 0 to 7, Sunday is 0 and 7, or `sun` to `sat`.
    Weekday,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// Letters that a shortened month or weekday name needs (`jan`, `mon`).
const NAME_LETTERS: usize = 3;

impl Field {
    /// All five, in the order they are written.
    pub(super) const ALL: [Self; 5] = [Self::Minute, Self::Hour, Self::Day, Self::Month, Self::Weekday];

    /// What the field is called in messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day of month",
            Self::Month => "month",
            Self::Weekday => "day of week",
        }
    }

    /// Smallest and largest value; Sunday as 7 is taken on top.
    pub(super) fn bounds(self) -> (u32, u32) {
        match self {
            Self::Minute => (0, 59),
            Self::Hour => (0, 23),
            Self::Day => (1, 31),
            Self::Month => (1, 12),
            Self::Weekday => (0, 6),
        }
    }

    /// Whether the set holds every value, so that `*` and `0-59` mean the same.
    pub(super) fn is_every(self, values: &BTreeSet<u32>) -> bool {
        let (low, high) = self.bounds();
        (low..=high).all(|value| values.contains(&value))
    }

    /// Reads `*`, `7`, `mon`, `1-5`, `*/2`, `8-18/2` and comma lists of them; Sunday comes out as 0.
    ///
    /// The error says what is wrong with which part, and what would be right.
    pub(super) fn parse(self, text: &str) -> Result<BTreeSet<u32>, String> {
        let mut values = BTreeSet::new();
        for part in text.split(',') {
            self.parse_part(part, &mut values)?;
        }
        Ok(values)
    }

    fn parse_part(self, part: &str, values: &mut BTreeSet<u32>) -> Result<(), String> {
        let (low, high) = self.bounds();
        let (base, step) = match part.split_once('/') {
            Some((base, step)) => (base, Some(self.step(part, step)?)),
            None => (part, None),
        };
        let (first, last) = if base == "*" || base == "?" {
            (low, high)
        } else if let Some((first, last)) = base.split_once('-') {
            self.range(self.value(first)?, self.value(last)?, base)?
        } else {
            let first = self.value(base)?;
            // `10/20` means "from 10 on, every 20", as in Vixie cron.
            (first, if step.is_some() { high.max(first) } else { first })
        };
        let every = usize::try_from(step.unwrap_or(1)).unwrap_or(usize::MAX);
        for value in (first..=last).step_by(every) {
            values.insert(if self == Self::Weekday { value % 7 } else { value });
        }
        Ok(())
    }

    fn range(self, first: u32, last: u32, text: &str) -> Result<(u32, u32), String> {
        if first <= last {
            return Ok((first, last));
        }
        let (low, high) = self.bounds();
        match self {
            // `fri-mon` and `sat-sun` can only mean the days on both sides of the week's end.
            Self::Weekday => Ok((first, last + 7)),
            _ => {
                Err(format!("the range `{text}` runs backwards; write `{first}-{high},{low}-{last}` or swap its ends"))
            }
        }
    }

    fn step(self, part: &str, step: &str) -> Result<u32, String> {
        let (_, high) = self.bounds();
        match step.parse::<u32>() {
            Ok(n) if n >= 1 && n <= high => Ok(n),
            _ => Err(format!("`{part}`: the step after `/` must be a whole number from 1 to {high}")),
        }
    }

    fn value(self, text: &str) -> Result<u32, String> {
        let (low, mut high) = self.bounds();
        if self == Self::Weekday {
            high = 7;
        }
        if let Some(value) = self.named(text) {
            return Ok(value);
        }
        match text.parse::<u32>() {
            Ok(value) if (low..=high).contains(&value) => Ok(value),
            Ok(value) => Err(format!("`{value}` is not between {low} and {high}")),
            Err(_) if text.is_empty() => Err("a value is missing beside a comma, a dash or a slash".to_owned()),
            Err(_) if text.contains(['L', 'W', '#']) => {
                Err(format!("`{text}`: L, W and # are not supported; name the days themselves"))
            }
            Err(_) => Err(format!("`{text}` is neither {} nor `*`", self.examples())),
        }
    }

    fn examples(self) -> &'static str {
        match self {
            Self::Minute => "a number from 0 to 59",
            Self::Hour => "a number from 0 to 23",
            Self::Day => "a number from 1 to 31",
            Self::Month => "a number from 1 to 12, a name such as `jan`",
            Self::Weekday => "a number from 0 (Sunday) to 6 (Saturday), a name such as `mon`",
        }
    }

    fn named(self, text: &str) -> Option<u32> {
        let names: &[&str] = match self {
            Self::Month => &MONTHS,
            Self::Weekday => &WEEKDAYS,
            _ => return None,
        };
        let text = text.to_ascii_lowercase();
        let found = names.iter().position(|name| text.len() >= NAME_LETTERS && name.starts_with(&text))?;
        Some(u32::try_from(found).unwrap_or_default() + self.bounds().0)
    }
}
