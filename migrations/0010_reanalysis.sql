-- After an upgrade of the analyser, stored articles are read anew, some at a time: found here as long as there are any.
create index revision_analyser on revision (analyser, seen_at);
