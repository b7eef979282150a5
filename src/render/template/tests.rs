//! Shows by cases what `render::template` promises.
//! It does not show how the parts beside it take it up; their own tests do.

use super::*;

#[test]
fn the_embedded_set_passes_its_own_check() {
    let loaded = Templates::load(None);
    if let Err(error) = &loaded {
        panic!("{error}");
    }
}
