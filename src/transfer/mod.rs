//! Moving images: plan, pull, the OCI layout, partial files, the meter.
