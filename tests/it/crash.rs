//! Shows that kill -9 loses nothing and doubles at most one mail per connection.
//! It does not test the parts alone; their files do.
