//! Runs the stages: one shared loop owns waiting, cancellation, back-off and logging.
//! It holds no SQL and no HTTP routes.
