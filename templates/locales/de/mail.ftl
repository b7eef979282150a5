# Die Wörter der E-Mails. Geschützte Leerzeichen (U+00A0) bitte behalten.
subject-more = { $title } und { $count ->
    [one] ein weiterer Artikel
   *[other] { $count } weitere Artikel
}
subject-more-after-stop = { $title } Und { $count ->
    [one] ein weiterer Artikel
   *[other] { $count } weitere Artikel
}
subject-topic = { $topic }: { $count } Artikel
subject-day = Ihr Überblick vom { $weekday }
subject-alert = { $topic }: { $title }
subject-alert-bundle = { $topic }: { $count ->
    [one] { $count } neue Meldung
   *[other] { $count } neue Meldungen
} seit { $time }
subject-alert-bundle-day = { $topic }: { $count ->
    [one] { $count } neue Meldung
   *[other] { $count } neue Meldungen
}
subject-correction = Berichtigung: { $title }
subject-proof = [Probeabzug] { $subject }
subject-confirm = Bestätigen Sie Ihre Adresse: { $publisher }
subject-known = Sie sind schon angemeldet: { $publisher }

headline-digest = Ihr Überblick: { $date }
headline-alert = Eilmeldung: { $topic }
headline-correction = Berichtigung
headline-confirm = Bestätigen Sie Ihre Adresse
headline-known = Sie sind schon angemeldet
count = { $count } Artikel
minutes = { $minutes } Min.
proof = Probeabzug: Diese Nachricht ist noch nicht verschickt. Nur wer sie prüft, bekommt sie.
contents = In dieser Ausgabe
key-points = Das Wichtigste
extracts = Auszüge
news = Neu
updated = Aktualisiert
paid = Nur für Abonnenten
read = Artikel lesen
also = Auch bei
words = Ihre Wörter: { $words }
words-at = { $words } ({ $place ->
    [title] im Titel
    [lead] in der Einleitung
    [author] Autor
    [cat] Rubrik
    [feed] Quelle
    [site] Website
   *[body] im Text
})
brief = In Kürze
more = und { $count ->
    [one] ein weiterer: im Web ansehen
   *[other] { $count } weitere: im Web ansehen
}
more-unlinked = und { $count ->
    [one] ein weiterer Artikel
   *[other] { $count } weitere Artikel
}
alerted = Schon als Eilmeldung geschickt
nothing = Heute nichts zu: { $topics }
topics-more = { $topics } und { $count ->
    [one] ein weiteres
   *[other] { $count } weitere
}
colon = { $label }:

note-editor = Von der Redaktion
note-correction = Berichtigung
note-delay = Verspätet
note-pause = Willkommen zurück
delay-hours = Dieser Überblick kommt { $hours } Std. zu spät, weil der Versand gestört war. Bitte entschuldigen Sie das.
delay-minutes = Dieser Überblick kommt { $minutes } Minuten zu spät, weil der Versand gestört war. Bitte entschuldigen Sie das.
pause = Während Ihrer Pause ({ $range }): { $total } Artikel, hier { $shown } davon.
correction-alert = { $day ->
    [today] Unsere heutige Eilmeldung
    [yesterday] Unsere gestrige Eilmeldung
   *[earlier] Unsere Eilmeldung vom { $date }
} „{ $title }“ war falsch: { $what } Sie ist zurückgezogen.
correction-digest = { $day ->
    [today] Heute haben wir Ihnen
    [yesterday] Gestern haben wir Ihnen
   *[earlier] Am { $date } haben wir Ihnen
} „{ $title }“ geschickt. Das war falsch: { $what } Der Artikel ist zurückgezogen.

subscribed = Sie bekommen diese Nachricht, weil Sie Ihre Anmeldung am { $date } bestätigt haben.
topics = Themen: { $topics }
change = Ändern
less = Seltener
pause-link = Pause
unsubscribe = Abmelden
share = Diesen Überblick teilen
why = Warum diese Artikel?
data = Ihre Daten
alert-rate = Eilmeldung zum Thema { $topic } · höchstens { $count } pro Stunde
mute = Diese Eilmeldung abstellen
to-digest = Lieber täglich im Überblick

confirm-text = Jemand, wahrscheinlich Sie, möchte { $publisher } per E-Mail bekommen.
confirm-button = Meine Adresse bestätigen
confirm-not-you = Das waren nicht Sie? Tun Sie nichts: Die Adresse wird in { $days ->
    [one] { $days } Tag
   *[other] { $days } Tagen
} vergessen.
known-text = Sie bekommen { $publisher } schon an diese Adresse. Es wurde nichts geändert.
known-add = Hinzufügen: { $topic }
known-settings = Meine Einstellungen
known-not-you = Das waren nicht Sie? Tun Sie nichts: Ihre Anmeldung bleibt, wie sie ist.
correction-read = Den berichtigten Artikel lesen
