//! Who reads: addresses, states and the purpose-bound tokens in their links.
//! It neither stores nor mails anything.
