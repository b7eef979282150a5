-- Pauses that end by themselves are found without looking at every subscriber.
create index subscriber_pause on subscriber (pause_until) where status = 3 and pause_until is not null;
