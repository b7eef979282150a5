# Les mots des courriels. Les espaces insécables (U+00A0, U+202F) sont de vrais caractères, à garder.
subject-more = { $title }, et { $count ->
    [one] un autre article
   *[other] { $count } autres articles
}
subject-more-after-stop = { $title } Et { $count ->
    [one] un autre article
   *[other] { $count } autres articles
}
subject-topic = { $topic } : { $count ->
    [one] { $count } article
   *[other] { $count } articles
}
subject-day = Votre résumé de { $weekday }
subject-alert = { $topic } : { $title }
subject-alert-bundle = { $topic } : { $count ->
    [one] { $count } nouvelle
   *[other] { $count } nouvelles
} depuis { $time }
subject-alert-bundle-day = { $topic } : { $count ->
    [one] { $count } nouvelle
   *[other] { $count } nouvelles
}
subject-correction = Correction : { $title }
subject-proof = [Épreuve] { $subject }
subject-confirm = Confirmez votre adresse : { $publisher }
subject-known = Vous êtes déjà inscrit : { $publisher }

headline-digest = Votre résumé du { $date }
headline-alert = Alerte { $topic }
headline-correction = Correction
headline-confirm = Confirmez votre adresse
headline-known = Vous êtes déjà inscrit
count = { $count ->
    [one] { $count } article
   *[other] { $count } articles
}
minutes = { $minutes } min
proof = Épreuve : ce message n’est pas encore parti. Seules les personnes qui relisent le reçoivent.
contents = Au sommaire
key-points = L’essentiel
extracts = Extraits
news = Du nouveau
updated = Mis à jour
paid = Réservé aux abonnés
read = Lire l’article
also = Aussi chez
words = Vos mots : { $words }
words-at = { $words } ({ $place ->
    [title] dans le titre
    [lead] en introduction
    [author] auteur
    [cat] rubrique
    [feed] source
    [site] site
   *[body] dans le texte
})
brief = En bref
more = et { $count ->
    [one] un autre
   *[other] { $count } autres
} : { $count ->
    [one] le voir sur le web
   *[other] les voir sur le web
}
more-unlinked = et { $count ->
    [one] un autre article
   *[other] { $count } autres articles
}
alerted = Déjà reçu en alerte
nothing = Rien aujourd’hui pour : { $topics }
topics-more = { $topics } et { $count ->
    [one] un autre
   *[other] { $count } autres
}
colon = { $label } :

note-editor = Mot de la rédaction
note-correction = Correction
note-delay = Retard
note-pause = De retour de pause
delay-hours = Ce résumé part avec { $hours } h de retard à cause d’une panne d’envoi. Veuillez nous en excuser.
delay-minutes = Ce résumé part avec { $minutes } minutes de retard à cause d’une panne d’envoi. Veuillez nous en excuser.
pause = Pendant votre pause ({ $range }) : { $total ->
    [one] { $total } article
   *[other] { $total } articles
}, en voici { $shown }.
correction-alert = { $day ->
    [today] Aujourd’hui, notre alerte
    [yesterday] Hier, notre alerte
   *[earlier] Le { $date }, notre alerte
} « { $title } » était erronée : { $what } Elle a été retirée.
correction-digest = { $day ->
    [today] Aujourd’hui, nous vous avons envoyé
    [yesterday] Hier, nous vous avons envoyé
   *[earlier] Le { $date }, nous vous avons envoyé
} « { $title } ». C’était erroné : { $what } L’article a été retiré.

subscribed = Vous recevez ce message parce que vous avez confirmé votre inscription le { $date }.
topics = Thèmes : { $topics }
change = Changer
less = Moins souvent
pause-link = Pause
unsubscribe = Se désabonner
share = Partager ce résumé
why = Pourquoi ces articles ?
data = Vos données
alert-rate = Alerte du thème { $topic } · au plus { $count } par heure
mute = Couper cette alerte
to-digest = Passer en résumé quotidien

confirm-text = Quelqu’un, sans doute vous, a demandé à recevoir { $publisher } par courriel.
confirm-button = Confirmer mon adresse
confirm-not-you = Ce n’était pas vous ? Ne faites rien : l’adresse sera oubliée dans { $days ->
    [one] { $days } jour
   *[other] { $days } jours
}.
known-text = Vous recevez déjà { $publisher } à cette adresse. Rien n’a été changé.
known-add = Ajouter : { $topic }
known-settings = Mes réglages
known-not-you = Ce n’était pas vous ? Ne faites rien : votre inscription reste comme elle est.
correction-read = Lire la version corrigée
