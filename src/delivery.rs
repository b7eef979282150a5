//! One mail to one person: its kinds, states, verdicts and back-off.
//! It neither speaks SMTP nor stores anything.
