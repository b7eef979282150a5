//! Serves the pages and hooks: unsubscribe, health, and what the roadmap adds.
//! It sends no mail itself; it writes deliveries.
