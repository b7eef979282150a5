//! Reads the one annotated TOML file, environment overrides and secrets into each part's own config.
//! It does not check what only the outside can tell; `depeche check` does.
