"""Pictures: where a row's file is, what is measured of it, the workers that measure, and what they remember."""
