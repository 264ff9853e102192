"""The dry run of a release: what is committed is built, checked and tried; see RELEASING.md."""
