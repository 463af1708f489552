"""Ground floor: records, problems, sources (where records come from) and ledgers (where they are booked)."""
