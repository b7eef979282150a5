//! Shows that a hold stops every DATA within two seconds and a release resumes.
//! It does not test the parts alone; their files do.
