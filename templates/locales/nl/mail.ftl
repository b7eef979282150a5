# De woorden van de e-mails. Vaste spaties (U+00A0) graag behouden.
subject-more = { $title }, en { $count ->
    [one] nog een artikel
   *[other] nog { $count } artikelen
}
subject-more-after-stop = { $title } En { $count ->
    [one] nog een artikel
   *[other] nog { $count } artikelen
}
subject-topic = { $topic }: { $count ->
    [one] { $count } artikel
   *[other] { $count } artikelen
}
subject-day = Uw overzicht van { $weekday }
subject-alert = { $topic }: { $title }
subject-alert-bundle = { $topic }: { $count ->
    [one] { $count } nieuw bericht
   *[other] { $count } nieuwe berichten
} sinds { $time }
subject-alert-bundle-day = { $topic }: { $count ->
    [one] { $count } nieuw bericht
   *[other] { $count } nieuwe berichten
}
subject-correction = Rectificatie: { $title }
subject-proof = [Proef] { $subject }
subject-confirm = Bevestig uw adres: { $publisher }
subject-known = U bent al ingeschreven: { $publisher }

headline-digest = Uw overzicht van { $date }
headline-alert = Alert { $topic }
headline-correction = Rectificatie
headline-confirm = Bevestig uw adres
headline-known = U bent al ingeschreven
count = { $count ->
    [one] { $count } artikel
   *[other] { $count } artikelen
}
minutes = { $minutes } min
proof = Proef: dit bericht is nog niet verstuurd. Alleen wie het naleest, ontvangt het.
contents = In dit overzicht
key-points = In het kort
extracts = Fragmenten
news = Nieuw
updated = Bijgewerkt
paid = Voor abonnees
read = Lees het artikel
also = Ook bij
words = Uw woorden: { $words }
words-at = { $words } ({ $place ->
    [title] in de titel
    [lead] in de inleiding
    [author] auteur
    [cat] rubriek
    [feed] bron
    [site] site
   *[body] in de tekst
})
brief = Kort nieuws
more = en { $count ->
    [one] nog een: bekijk het op het web
   *[other] nog { $count }: bekijk ze op het web
}
more-unlinked = en { $count ->
    [one] nog een artikel
   *[other] nog { $count } artikelen
}
alerted = Al als alert ontvangen
nothing = Vandaag niets over: { $topics }
topics-more = { $topics } en nog { $count }
colon = { $label }:

note-editor = Van de redactie
note-correction = Rectificatie
note-delay = Te laat
note-pause = Welkom terug
delay-hours = Dit overzicht komt { $hours } uur te laat door een storing bij het versturen. Onze excuses.
delay-minutes = Dit overzicht komt { $minutes } minuten te laat door een storing bij het versturen. Onze excuses.
pause = Tijdens uw pauze ({ $range }): { $total ->
    [one] { $total } artikel
   *[other] { $total } artikelen
}, hier { $shown ->
    [one] is er { $shown }
   *[other] zijn er { $shown }
}.
correction-alert = { $day ->
    [today] Onze alert van vandaag
    [yesterday] Onze alert van gisteren
   *[earlier] Onze alert van { $date }
} ‘{ $title }’ klopte niet: { $what } Hij is ingetrokken.
correction-digest = { $day ->
    [today] Vandaag stuurden wij u
    [yesterday] Gisteren stuurden wij u
   *[earlier] Op { $date } stuurden wij u
} ‘{ $title }’. Dat klopte niet: { $what } Het artikel is ingetrokken.

subscribed = U ontvangt dit bericht omdat u uw inschrijving op { $date } hebt bevestigd.
topics = Onderwerpen: { $topics }
change = Wijzigen
less = Minder vaak
pause-link = Pauze
unsubscribe = Uitschrijven
share = Dit overzicht delen
why = Waarom deze artikelen?
data = Uw gegevens
alert-rate = Alert over { $topic } · hoogstens { $count } per uur
mute = Deze alert stoppen
to-digest = Liever elke dag in het overzicht

confirm-text = Iemand, waarschijnlijk u, wil { $publisher } per e-mail ontvangen.
confirm-button = Mijn adres bevestigen
confirm-not-you = Was u dat niet? Doe niets: het adres wordt over { $days ->
    [one] { $days } dag
   *[other] { $days } dagen
} vergeten.
known-text = U ontvangt { $publisher } al op dit adres. Er is niets gewijzigd.
known-add = Toevoegen: { $topic }
known-settings = Mijn instellingen
known-not-you = Was u dat niet? Doe niets: uw inschrijving blijft zoals ze is.
correction-read = Lees het gecorrigeerde artikel
