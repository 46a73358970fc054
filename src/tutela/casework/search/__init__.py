"""Search over all desks: values, finders of every domain, reasons, events and samples for auditors."""
