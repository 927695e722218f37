"""Where texts come from: feeds, networks and news services, all read-only, each behind one Protocol."""
