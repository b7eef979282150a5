//! What an audit can find, each as a sentence.
//! It looks for nothing itself.

use std::fmt;

/// Something in the books that is not as promised.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// A reader should have been told a story in this slot and was not told it anywhere.
    Forgotten {
        /// Reader.
        subscriber: i64,
        /// Slot.
        slot: i64,
        /// Story.
        story: i64,
    },
    /// A digest holds a story that this reader was not to get in this slot.
    Unasked {
        /// Reader.
        subscriber: i64,
        /// Slot.
        slot: i64,
        /// Story.
        story: i64,
    },
    /// A reader was told a story more than once.
    Doubled {
        /// Reader.
        subscriber: i64,
        /// Story.
        story: i64,
        /// How often.
        times: usize,
    },
    /// A reader who asked for updates was not told one that was due in this slot.
    UpdateForgotten {
        /// Reader.
        subscriber: i64,
        /// Slot.
        slot: i64,
        /// Story.
        story: i64,
    },
    /// A digest tells a story once more to a reader who was not to get that.
    UpdateUnasked {
        /// Reader.
        subscriber: i64,
        /// Slot.
        slot: i64,
        /// Story.
        story: i64,
    },
    /// A digest without its delivery, with several, or a delivery without a digest.
    Uncarried {
        /// Reader.
        subscriber: i64,
        /// Slot.
        slot: i64,
        /// Deliveries; negative where there is no digest.
        deliveries: i64,
    },
    /// A delivery that waits and that nothing will ever send.
    Lost {
        /// Reader.
        subscriber: i64,
        /// Slot.
        slot: i64,
    },
    /// Two slots of one chain whose windows do not meet.
    Gap {
        /// The later slot.
        slot: i64,
        /// End of the window before.
        ended: i64,
        /// Begin of this one.
        begins: i64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forgotten { subscriber, slot, story } => {
                write!(f, "forgotten: subscriber {subscriber} was not told story {story}, due in slot {slot}")
            }
            Self::Unasked { subscriber, slot, story } => {
                write!(
                    f,
                    "unasked: slot {slot} told subscriber {subscriber} story {story}, which they did not follow then"
                )
            }
            Self::Doubled { subscriber, story, times } => {
                write!(f, "doubled: subscriber {subscriber} was told story {story} {times} times")
            }
            Self::UpdateForgotten { subscriber, slot, story } => {
                write!(
                    f,
                    "update forgotten: subscriber {subscriber} was not told what is new in story {story}, due in slot {slot}"
                )
            }
            Self::UpdateUnasked { subscriber, slot, story } => {
                write!(
                    f,
                    "update unasked: slot {slot} told subscriber {subscriber} story {story} once more, which they did not ask for"
                )
            }
            Self::Uncarried { subscriber, slot, deliveries: 0 } => {
                write!(f, "no delivery: the digest of subscriber {subscriber} in slot {slot} has none")
            }
            Self::Uncarried { subscriber, slot, deliveries } if *deliveries < 0 => {
                write!(f, "no digest: a delivery to subscriber {subscriber} in slot {slot} carries none")
            }
            Self::Uncarried { subscriber, slot, deliveries } => {
                write!(
                    f,
                    "{deliveries} deliveries: the digest of subscriber {subscriber} in slot {slot} has more than one"
                )
            }
            Self::Lost { subscriber, slot } => {
                write!(
                    f,
                    "lost: the delivery to subscriber {subscriber} in slot {slot} waits, and nothing will send it"
                )
            }
            Self::Gap { slot, ended, begins } => {
                write!(f, "gap: slot {slot} begins at {begins}, the one before ended at {ended}")
            }
        }
    }
}

impl Finding {
    /// The word under which findings of one kind are counted.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Forgotten { .. } => "forgotten",
            Self::Unasked { .. } => "unasked",
            Self::Doubled { .. } => "doubled",
            Self::UpdateForgotten { .. } => "update forgotten",
            Self::UpdateUnasked { .. } => "update unasked",
            Self::Uncarried { deliveries: 0, .. } => "no delivery",
            Self::Uncarried { deliveries, .. } if *deliveries < 0 => "no digest",
            Self::Uncarried { .. } => "several deliveries",
            Self::Lost { .. } => "lost",
            Self::Gap { .. } => "gap",
        }
    }
}
