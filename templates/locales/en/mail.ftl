# The words of the mails.
subject-more = { $title }, and { $count ->
    [one] one more story
   *[other] { $count } more stories
}
subject-more-after-stop = { $title } And { $count ->
    [one] one more story
   *[other] { $count } more stories
}
subject-topic = { $topic }: { $count ->
    [one] { $count } story
   *[other] { $count } stories
}
subject-day = Your briefing for { $weekday }
subject-alert = { $topic }: { $title }
subject-alert-bundle = { $topic }: { $count ->
    [one] { $count } new story
   *[other] { $count } new stories
} since { $time }
subject-alert-bundle-day = { $topic }: { $count ->
    [one] { $count } new story
   *[other] { $count } new stories
}
subject-correction = Correction: { $title }
subject-proof = [Proof] { $subject }
subject-confirm = Confirm your address: { $publisher }
subject-known = You are already signed up: { $publisher }

headline-digest = Your briefing for { $date }
headline-alert = { $topic } alert
headline-correction = Correction
headline-confirm = Confirm your address
headline-known = You are already signed up
count = { $count ->
    [one] { $count } story
   *[other] { $count } stories
}
minutes = { $minutes } min
proof = Proof: this message has not gone out yet. Only those who check it receive it.
contents = In this briefing
key-points = Key points
extracts = Excerpts
news = What is new
updated = Updated
paid = For subscribers
read = Read the story
also = Also at
words = Your words: { $words }
words-at = { $words } ({ $place ->
    [title] in the title
    [lead] in the introduction
    [author] author
    [cat] section
    [feed] source
    [site] site
   *[body] in the text
})
brief = In brief
more = and { $count ->
    [one] one more: see it on the web
   *[other] { $count } more: see them on the web
}
more-unlinked = and { $count ->
    [one] one more story
   *[other] { $count } more stories
}
alerted = Already sent as an alert
nothing = Nothing today for: { $topics }
topics-more = { $topics } and { $count ->
    [one] one more
   *[other] { $count } more
}
colon = { $label }:

note-editor = From the editors
note-correction = Correction
note-delay = Late
note-pause = Welcome back
delay-hours = This briefing is { $hours } h late because of a sending failure. We are sorry.
delay-minutes = This briefing is { $minutes } minutes late because of a sending failure. We are sorry.
pause = While you were away ({ $range }): { $total ->
    [one] { $total } story
   *[other] { $total } stories
}, { $shown ->
    [one] here is { $shown }
   *[other] here are { $shown }
}.
correction-alert = { $day ->
    [today] Today’s alert
    [yesterday] Yesterday’s alert
   *[earlier] Our alert of { $date }
} “{ $title }” was wrong: { $what } It has been withdrawn.
correction-digest = { $day ->
    [today] Today we sent you
    [yesterday] Yesterday we sent you
   *[earlier] On { $date } we sent you
} “{ $title }”. It was wrong: { $what } The story has been withdrawn.

subscribed = You get this because you confirmed your subscription on { $date }.
topics = Topics: { $topics }
change = Change
less = Less often
pause-link = Pause
unsubscribe = Unsubscribe
share = Share this briefing
why = Why these stories?
data = Your data
alert-rate = Alert for the topic { $topic } · at most { $count } an hour
mute = Stop this alert
to-digest = Get a daily briefing instead

confirm-text = Someone, probably you, asked to get { $publisher } by e-mail.
confirm-button = Confirm my address
confirm-not-you = Not you? Do nothing: the address is forgotten in { $days ->
    [one] { $days } day
   *[other] { $days } days
}.
known-text = You already get { $publisher } at this address. Nothing was changed.
known-add = Add: { $topic }
known-settings = My settings
known-not-you = Not you? Do nothing: your subscription stays as it is.
correction-read = Read the corrected story
