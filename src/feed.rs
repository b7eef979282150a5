//! What a feed is: its address, what one reading of it gives, and how its entries are told apart.
//! It does no I/O; fetching is in `fetch`, stored state in `store`.
