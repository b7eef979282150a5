# Heures, dates et rythmes. U+00A0 et U+202F sont des espaces insécables : les garder.
just-now = à l’instant
time = { $hour } h { $minute }
time-whole-hour = { $hour } h
yesterday-at = hier, { $time }
date-short = { $weekday } { $day } { $month }
date-weekday = { $weekday } { $day ->
    [1] 1er
   *[other] { $day }
} { $month }
date-day-month = { $day ->
    [1] 1er
   *[other] { $day }
} { $month }
date-whole = { $day ->
    [1] 1er
   *[other] { $day }
} { $month } { $year }
date-with-year-short = { $day } { $month } { $year }
date-range = { $from }–{ $to }
date-range-long = { $from } – { $to }

schedule-daily = Chaque jour à partir de { $time } ({ $zone })
schedule-weekdays = Du lundi au vendredi à partir de { $time } ({ $zone })
schedule-weekly = Chaque { $weekday } à partir de { $time } ({ $zone })
schedule-other = Selon le rythme que vous avez choisi ({ $zone })
schedule-instant = Alertes envoyées tout de suite
zone-city = { $begins ->
    [vowel] heure d’{ $city }
   *[consonant] heure de { $city }
}
zone-plain = heure { $zone }

weekday-1 = lundi
weekday-2 = mardi
weekday-3 = mercredi
weekday-4 = jeudi
weekday-5 = vendredi
weekday-6 = samedi
weekday-7 = dimanche
weekday-short-1 = lun.
weekday-short-2 = mar.
weekday-short-3 = mer.
weekday-short-4 = jeu.
weekday-short-5 = ven.
weekday-short-6 = sam.
weekday-short-7 = dim.
month-1 = janvier
month-2 = février
month-3 = mars
month-4 = avril
month-5 = mai
month-6 = juin
month-7 = juillet
month-8 = août
month-9 = septembre
month-10 = octobre
month-11 = novembre
month-12 = décembre
month-short-1 = janv.
month-short-2 = févr.
month-short-3 = mars
month-short-4 = avr.
month-short-5 = mai
month-short-6 = juin
month-short-7 = juil.
month-short-8 = août
month-short-9 = sept.
month-short-10 = oct.
month-short-11 = nov.
month-short-12 = déc.

# Villes qui donnent leur nom à une heure
city-algiers = Alger
city-amsterdam = Amsterdam
city-athens = Athènes
city-beirut = Beyrouth
city-belgrade = Belgrade
city-berlin = Berlin
city-brussels = Bruxelles
city-bucharest = Bucarest
city-budapest = Budapest
city-cairo = Le Caire
city-calcutta = Calcutta
city-copenhagen = Copenhague
city-dublin = Dublin
city-geneva = Genève
city-havana = La Havane
city-helsinki = Helsinki
city-istanbul = Istanbul
city-jerusalem = Jérusalem
city-kiev = Kyiv
city-kyiv = Kyiv
city-lisbon = Lisbonne
city-london = Londres
city-luxembourg = Luxembourg
city-madrid = Madrid
city-mexico-city = Mexico
city-montreal = Montréal
city-moscow = Moscou
city-new-york = New York
city-noumea = Nouméa
city-paris = Paris
city-prague = Prague
city-reunion = La Réunion
city-rome = Rome
city-sao-paulo = São Paulo
city-seoul = Séoul
city-shanghai = Shanghai
city-singapore = Singapour
city-sofia = Sofia
city-tokyo = Tokyo
city-tunis = Tunis
city-vienna = Vienne
city-warsaw = Varsovie
city-zurich = Zurich
